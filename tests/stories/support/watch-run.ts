import { setTimeout as wait } from "node:timers/promises";
import type { Client, Run } from "@fairway/api";
import type { TerminalState } from "@fairway/core";
import { isTerminal } from "@fairway/core";

/** Waits until a run fits, hearing of every change; throws when it ends without ever fitting, and says how. */
export const untilRun = (client: Client, id: string, fits: (run: Run) => boolean): Promise<Run> =>
  watch(client, id, fits, 0);

async function watch(client: Client, id: string, fits: (run: Run) => boolean, pause: number): Promise<Run> {
  const leave = new AbortController();
  // From the first event on, so that nothing which happens before the stream is open can be missed.
  const changes = changesOf(client.stream("events", { after: 0, run: id }, leave.signal));
  try {
    while (await changes.next()) {
      const run = await client.call("run", { run: id });
      if (fits(run)) return run;
      if (isTerminal(run.state)) throw new Error(`it never came to that:\n${tale(run)}`);
      await wait(pause);
    }
    throw new Error(`the stream of ${id} ended`);
  } finally {
    leave.abort();
    await changes.end();
  }
}

/** Makes one of all the changes that came while nobody waited: what has happened by then is read once. */
function changesOf(events: AsyncIterable<unknown>): { next(): Promise<boolean>; end(): Promise<void> } {
  let heard = false;
  let isOver = false;
  let failure: Error | undefined;
  let wake = (): void => {};
  const listening = (async () => {
    for await (const _event of events) {
      heard = true;
      wake();
    }
  })()
    .catch((thrown: unknown) => {
      failure = thrown instanceof Error ? thrown : new Error(String(thrown));
    })
    .finally(() => {
      isOver = true;
      wake();
    });
  return {
    async next() {
      if (!heard && !isOver) await new Promise<void>((resolve) => (wake = resolve));
      if (failure !== undefined) throw failure;
      const came = heard;
      heard = false;
      return came;
    },
    end: () => listening,
  };
}

/**
 * Waits until there is nothing to see by waiting: the run has ended, or only a person can make it go on. That stays so, and to
 * look at each step on the way was half of a daemon's work in a story.
 */
export const untilSettled = (client: Client, id: string): Promise<Run> => watch(client, id, isSettled, 60);

const isSettled = (run: Run): boolean => isTerminal(run.state) || run.approval !== null || run.attention !== null;

/** A run in a few lines, for whoever reads why a story failed. */
const tale = (run: Run): string =>
  [
    `${run.id} ${run.title}: ${run.state}`,
    ...run.jobs.map(({ name, state, reason }) => `  ${name} ${state} ${reason ?? ""}`),
  ].join("\n");

/** Throws the tale of a run that has not ended as it should have. */
export function assertEnded(run: Run, state: TerminalState): void {
  if (run.state !== state) throw new Error(`it should have ${state}:\n${tale(run)}`);
}

/** Everything that went wrong in a run, as people read it. */
export const reasonsOf = (run: Run): string => run.jobs.flatMap(({ reason }) => reason ?? []).join("\n");

/** The state of one job. */
export const stateOf = (run: Run, job: string): string | undefined => run.jobs.find(({ name }) => name === job)?.state;
