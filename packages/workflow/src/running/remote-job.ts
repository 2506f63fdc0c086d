import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import type { JobInstance } from "../model/plan.ts";
import type { FilteredOutput, JobHost, OutputFilter, OutputWish } from "./job-host.ts";
import type { JobSurroundings } from "./job-surroundings.ts";
import { type JobUser, received, type RemoteQuestion, sendable, type ToHost, type ToJob } from "./remote-messages.ts";
import type { JobRetry } from "./run-job.ts";
import type { JobEnd } from "./step-record.ts";

export type { JobUser } from "./remote-messages.ts";

export interface RemoteJobOptions {
  /** Whom the job runs as; only root may choose. The host must start the job's commands as the same user. */
  readonly user?: JobUser;
  readonly retry?: JobRetry;
}

/**
 * Runs a job like `runJob`, in a process of its own that holds nothing of this one: none of its environment, open files or
 * groups. The process loads its code first and becomes the user then, for good, so it needs no right to read Fairway's
 * installation, and the system lets no other process of that user look into it. It ends when this process ends.
 *
 * Throws what `runJob` throws, and `command_failed`, retryable, when the process was killed.
 */
export async function runJobInChild(
  instance: JobInstance,
  host: JobHost,
  around: JobSurroundings,
  { user, retry }: RemoteJobOptions = {},
): Promise<JobEnd> {
  const { secrets, vars, folders, startedAt } = host;
  const child = new JobProcess(host);
  try {
    await child.ready;
    child.send({
      is: "start",
      instance,
      around,
      retry,
      user,
      host: { secrets, vars, folders, startedAt },
      cancelled: host.signal.aborted,
      containers: host.containers !== undefined,
    });
    return await child.end;
  } finally {
    child.close();
  }
}

/** Built code beside this file, also when this file runs from its source. */
const program = join(import.meta.dirname.replace(/([\\/])src([\\/]running)$/, "$1dist$2"), "remote-job-child.js");

class JobProcess {
  readonly ready: Promise<void>;
  readonly end: Promise<JobEnd>;
  readonly #child: ChildProcess;
  readonly #host: JobHost;
  readonly #commands = new Map<number, RemoteCommandState>();
  readonly #work = new Map<number, Settle<unknown>>();
  readonly #onCancel = (): void => this.send({ is: "cancel" });
  #onReady: () => void = () => undefined;
  #onEnd: Settle<JobEnd> = { resolve: () => undefined, reject: () => undefined };
  #said = "";

  constructor(host: JobHost) {
    this.#host = host;
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onEnd = { resolve: () => undefined, reject };
    });
    const failBeforeReady = this.#onEnd.reject;
    this.end = new Promise((resolve, reject) => {
      this.#onEnd = {
        resolve,
        reject: (error) => {
          failBeforeReady(error);
          reject(error);
        },
      };
    });
    // Whoever awaits `ready` sees it first.
    this.end.catch(() => undefined);
    this.#child = spawn(process.execPath, [program], {
      cwd: "/",
      env: {
        PATH: "/usr/local/bin:/usr/bin:/bin",
        LANG: "C.UTF-8",
        HOME: host.folders.home,
        TMPDIR: host.folders.temp,
      },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      serialization: "json",
    });
    this.#child.stderr?.on("data", (piece: Uint8Array) => {
      this.#said = (this.#said + Buffer.from(piece).toString()).slice(-4000);
    });
    this.#child.on("message", (message) => this.#take(message as ToHost));
    this.#child.once("error", (cause) => this.#fail(`could not start the process of the job: ${cause.message}`));
    this.#child.once("exit", (code, signal) => {
      this.#fail(`the process of the job ended early (${signal ?? `exit code ${code}`})`);
    });
    host.signal.addEventListener("abort", this.#onCancel);
  }

  send(message: ToJob): void {
    // A process that is gone is heard of by its exit.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  close(): void {
    this.#host.signal.removeEventListener("abort", this.#onCancel);
    this.#child.removeAllListeners("exit");
    this.#child.kill("SIGKILL");
  }

  #fail(message: string): void {
    const said = this.#said.trim();
    const error = new FairwayError("command_failed", said === "" ? message : `${message}: ${said}`, {
      retryable: true,
    });
    for (const { reject } of this.#work.values()) reject(error);
    for (const command of this.#commands.values()) command.fail(error);
    this.#onEnd.reject(error);
  }

  #take(message: ToHost): void {
    switch (message.is) {
      case "ready":
        return this.#onReady();
      case "question":
        void this.#answer(message.id, message.question);
        return;
      case "worked":
        return this.#work.get(message.step)?.resolve(message.value);
      case "work-failed":
        return this.#work.get(message.step)?.reject(received(message.error));
      case "abort":
        return this.#commands.get(message.command)?.abort();
      case "filtered":
        return this.#commands.get(message.command)?.filtered(message.output);
      case "filter-failed":
        return this.#commands.get(message.command)?.fail(received(message.error));
      case "log":
        return this.#host.log(message.step, message.lines);
      case "mask":
        return this.#host.addMask(message.value);
      case "annotation":
        return this.#host.annotate(message.annotation);
      case "progress":
        return this.#host.progress?.(message.step);
      case "end":
        return this.#onEnd.resolve(message.end);
      case "failed":
        return this.#onEnd.reject(received(message.error));
    }
  }

  async #answer(id: number, question: RemoteQuestion): Promise<void> {
    try {
      this.send({ is: "answer", to: id, value: (await this.#ask(id, question)) ?? null });
    } catch (thrown) {
      this.send({ is: "refusal", to: id, error: sendable(thrown) });
    }
  }

  async #ask(id: number, question: RemoteQuestion): Promise<unknown> {
    switch (question.ask) {
      case "step":
        return this.#host.step(question.key, async () => this.#workOf(id));
      case "command":
        return this.#command(id, question);
      case "summary":
        return this.#host.summary(question.place, question.markdown);
      case "identityToken":
        return this.#host.identityToken(question.audience);
      case "repository":
        return this.#host.repository(question.wanted);
      case "action":
        return this.#host.action(question.wanted);
      case "containers": {
        const { containers } = this.#host;
        if (containers === undefined)
          throw new FairwayError("internal", "a job asked for containers that there are not");
        const asked: (...given: never[]) => Promise<unknown> = containers[question.method];
        return asked(...(question.given as never[]));
      }
    }
  }

  async #workOf(step: number): Promise<unknown> {
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#work.set(step, { resolve, reject });
        this.send({ is: "work", step });
      });
    } finally {
      this.#work.delete(step);
    }
  }

  async #command(id: number, { command, wants, aborted }: RemoteQuestion & { ask: "command" }): Promise<unknown> {
    const state = new RemoteCommandState(wants ?? "marked", (batch) => this.send({ is: "output", command: id, batch }));
    if (aborted) state.abort();
    this.#commands.set(id, state);
    try {
      const output = wants === undefined ? {} : { output: state };
      return await this.#host.command({ ...command, signal: state.signal, ...output });
    } finally {
      this.#commands.delete(id);
    }
  }
}

interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: FairwayError) => void;
}

/** The far end of a command's filter and signal. */
class RemoteCommandState implements OutputFilter {
  wants: OutputWish;
  readonly #controller = new AbortController();
  readonly #show: (batch: readonly string[]) => void;
  #waiting: Settle<FilteredOutput> | undefined;

  constructor(wants: OutputWish, show: (batch: readonly string[]) => void) {
    this.wants = wants;
    this.#show = show;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly lines = async (batch: readonly string[]): Promise<FilteredOutput> =>
    new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#show(batch);
    });

  filtered(output: FilteredOutput): void {
    this.wants = output.wants;
    this.#waiting?.resolve(output);
  }

  fail(error: FairwayError): void {
    this.#waiting?.reject(error);
  }

  abort(): void {
    this.#controller.abort();
  }
}
