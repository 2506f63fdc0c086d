import { setTimeout as wait } from "node:timers/promises";
import type { EventShape, Status } from "@fairway/api";
import type { Client } from "@fairway/api/client";
import { createClient } from "@fairway/api/client";
import type { FairwayError } from "@fairway/core";
import { codeOf } from "@fairway/core";
import type { SmallProject } from "./small-project.ts";
import { workflowFile } from "./small-project.ts";

/** Somebody who always has something to do: commits, releases, promotes, approves, rolls back, runs a workflow. */
export interface Operator {
  /** The runs whose ids the API gave. */
  readonly acknowledged: ReadonlySet<string>;
  /** Everything that happened, each once, in order. */
  readonly events: readonly EventShape[];
  /** Works with one daemon until it is gone or the signal fires. */
  work(url: string, signal: AbortSignal): Promise<void>;
  /** The first event from now on that fits. */
  next(fits: (event: EventShape) => boolean): Promise<EventShape>;
  /** Begins nothing new; resolves when nothing moves any more. */
  finish(): Promise<void>;
}

const by = "chaos";
const tryAgainIn = 100;

/** Whether it is what a daemon, or its database, being away looks like. */
const mayPass = (thrown: unknown): boolean =>
  codeOf(thrown) === "daemon_not_running" ||
  codeOf(thrown) === "database_unavailable" ||
  (thrown as Partial<FairwayError>).retryable === true;

/** `see` is told every event, once. */
export function operator(project: SmallProject, random: () => number, see: (event: EventShape) => void): Operator {
  const acknowledged = new Set<string>();
  const events: EventShape[] = [];
  const listeners = new Set<(event: EventShape) => void>();
  let nothingMoves: (() => void) | null = null;

  /** Does what there is to do now: answers who waits, or begins something new. */
  async function act(client: Client): Promise<void> {
    const status = await client.call("status", {});
    for (const { id, state, attention } of status.active) {
      if (attention) throw new Error(`${id} needs attention: ${attention.why}`);
      const approval = state === "waiting" ? (await client.call("run", { run: id })).approval : null;
      if (approval) await client.call("approve", { run: id, by, answer: "yes", digest: approval.digest });
    }
    if (status.active.length > 0) return;
    if (nothingMoves) nothingMoves();
    else acknowledged.add(await begin(client, status));
  }

  async function begin(client: Client, { environments }: Status): Promise<string> {
    const [staging, production] = environments;
    const ahead =
      staging?.current && staging.current.release !== production?.current?.release && staging.quarantine === null;
    if (production?.current && random() < 0.2) return startWorkflow(client);
    if (production?.previous && random() < 0.25)
      return (await client.call("rollback", { environment: "production", by })).id;
    if (ahead) return (await client.call("deploy", { environment: "production", promote: true, by })).id;
    await project.commitChange();
    return (await client.call("makeRelease", { by })).id;
  }

  async function startWorkflow(client: Client): Promise<string> {
    const event = { name: "push", inputs: {}, payload: null };
    const { run, reason } = await client.call("runWorkflow", {
      file: workflowFile,
      ref: "HEAD",
      by,
      job: null,
      event,
      uncommitted: "refuse",
    });
    if (run === null) throw new Error(`the workflow did not start: ${reason}`);
    return run.id;
  }

  async function actUntilDone(client: Client, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        return await act(client);
      } catch (thrown) {
        if (!mayPass(thrown)) throw thrown;
        await wait(tryAgainIn);
      }
    }
  }

  return {
    acknowledged,
    events,

    async work(url, signal) {
      const client = createClient(url);
      await actUntilDone(client, signal);
      while (!signal.aborted) {
        try {
          for await (const event of client.stream("events", { after: events.at(-1)?.seq ?? 0 }, signal)) {
            events.push(event);
            see(event);
            for (const tell of listeners) tell(event);
            if (event.kind === "run.changed") await actUntilDone(client, signal);
          }
        } catch (thrown) {
          if (!mayPass(thrown)) throw thrown;
        }
        if (!signal.aborted) await wait(tryAgainIn);
      }
    },

    next: (fits) =>
      new Promise((resolve) => {
        const tell = (event: EventShape): void => {
          if (!fits(event)) return;
          listeners.delete(tell);
          resolve(event);
        };
        listeners.add(tell);
      }),

    finish: () => new Promise((resolve) => (nothingMoves = resolve)),
  };
}
