// The process of a job that runs apart from its host. It gets nothing but messages, and ends with the host.

import process from "node:process";
import { github } from "../reading/github.ts";
import { remoteContainers } from "../containers/remote-containers.ts";
import type { HostCommand, HostCommandEnd, JobHost, OutputFilter } from "./job-host.ts";
import {
  received,
  type RemoteQuestion,
  type RemoteStart,
  sendable,
  type ToHost,
  type ToJob,
} from "./remote-messages.ts";
import { runJob } from "./run-job.ts";

/** The host, as seen from here: every call is a message. */
class RemoteHost implements JobHost {
  readonly secrets: JobHost["secrets"];
  readonly vars: JobHost["vars"];
  readonly folders: JobHost["folders"];
  readonly startedAt: number;
  readonly containers: JobHost["containers"];
  readonly #cancel = new AbortController();
  readonly #asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #works = new Map<number, () => Promise<unknown>>();
  readonly #filters = new Map<number, OutputFilter>();
  #questions = 0;

  constructor({ host, cancelled, containers }: RemoteStart) {
    this.containers = containers
      ? remoteContainers(async (method, given) => this.#ask({ ask: "containers", method, given }))
      : undefined;
    this.secrets = host.secrets;
    this.vars = host.vars;
    this.folders = host.folders;
    this.startedAt = host.startedAt;
    if (cancelled) this.#cancel.abort();
  }

  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  take(message: Exclude<ToJob, RemoteStart>): void {
    switch (message.is) {
      case "cancel":
        return this.#cancel.abort();
      case "answer":
        return this.#asked.get(message.to)?.resolve(message.value);
      case "refusal":
        return this.#asked.get(message.to)?.reject(received(message.error));
      case "work":
        void this.#work(message.step);
        return;
      case "output":
        void this.#filter(message.command, message.batch);
        return;
    }
  }

  async step<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#ask({ ask: "step", key }, (id) => this.#works.set(id, work)) as Promise<T>;
  }

  async command({ signal, output, ...command }: HostCommand): Promise<HostCommandEnd> {
    let number = 0;
    const abort = (): void => send({ is: "abort", command: number });
    const question: RemoteQuestion = {
      ask: "command",
      command,
      wants: output?.wants,
      aborted: signal?.aborted === true,
    };
    try {
      return (await this.#ask(question, (id) => {
        number = id;
        if (output !== undefined) this.#filters.set(id, output);
        signal?.addEventListener("abort", abort);
      })) as HostCommandEnd;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  log(step: string, lines: readonly string[]): void {
    send({ is: "log", step, lines });
  }

  addMask(value: string): void {
    send({ is: "mask", value });
  }

  annotate(annotation: Parameters<JobHost["annotate"]>[0]): void {
    send({ is: "annotation", annotation });
  }

  progress(step: Parameters<NonNullable<JobHost["progress"]>>[0]): void {
    send({ is: "progress", step });
  }

  async summary(place: string, markdown: string): Promise<void> {
    await this.#ask({ ask: "summary", place, markdown });
  }

  async identityToken(audience: string): Promise<string> {
    return this.#ask({ ask: "identityToken", audience }) as Promise<string>;
  }

  async repository(wanted: Parameters<JobHost["repository"]>[0]): ReturnType<JobHost["repository"]> {
    return this.#ask({ ask: "repository", wanted }) as ReturnType<JobHost["repository"]>;
  }

  async action(wanted: Parameters<JobHost["action"]>[0]): ReturnType<JobHost["action"]> {
    return this.#ask({ ask: "action", wanted }) as ReturnType<JobHost["action"]>;
  }

  async #ask(question: RemoteQuestion, prepare?: (id: number) => void): Promise<unknown> {
    const id = ++this.#questions;
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#asked.set(id, { resolve, reject });
        prepare?.(id);
        send({ is: "question", id, question });
      });
    } finally {
      this.#asked.delete(id);
      this.#works.delete(id);
      this.#filters.delete(id);
    }
  }

  async #work(step: number): Promise<void> {
    try {
      send({ is: "worked", step, value: (await this.#works.get(step)?.()) ?? null });
    } catch (thrown) {
      send({ is: "work-failed", step, error: sendable(thrown) });
    }
  }

  async #filter(command: number, batch: readonly string[]): Promise<void> {
    try {
      const output = await this.#filters.get(command)?.lines(batch);
      if (output !== undefined) send({ is: "filtered", command, output });
    } catch (thrown) {
      send({ is: "filter-failed", command, error: sendable(thrown) });
    }
  }
}

function send(message: ToHost): void {
  // When the host is gone, `disconnect` ends this process.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Becomes the job's user for good: no group and no way back is left. */
function become({ uid, gid }: NonNullable<RemoteStart["user"]>): void {
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

async function start(message: RemoteStart): Promise<void> {
  try {
    if (message.user !== undefined) become(message.user);
    const remote = new RemoteHost(message);
    host = remote;
    send({ is: "end", end: await runJob(message.instance, remote, message.around, message.retry) });
  } catch (thrown) {
    send({ is: "failed", error: sendable(thrown) });
  }
}

let host: RemoteHost | undefined;

process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  const sent = message as ToJob;
  if (sent.is === "start") void start(sent);
  else host?.take(sent);
});
// While this process may still read Fairway's installation.
github();
send({ is: "ready" });
