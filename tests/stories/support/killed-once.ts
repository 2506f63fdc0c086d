import { pathToFileURL } from "node:url";
import { join } from "node:path";
import type { EventShape } from "@fairway/api";
import type { Fairway } from "./fairway-under-test.ts";

const clock = pathToFileURL(join(import.meta.dirname, "clock-ahead.mjs")).href;

/** Starts a daemon whose clock is ahead by so many milliseconds; that of its database is not. */
export async function startAhead(fairway: Pick<Fairway, "start">, ahead: number): Promise<void> {
  const { NODE_OPTIONS: before } = process.env;
  // The daemon alone reads it: what it starts later gets none of its environment.
  Object.assign(process.env, { NODE_OPTIONS: `${before ?? ""} --import=${clock}`, STORY_CLOCK_AHEAD: String(ahead) });
  try {
    await fairway.start();
  } finally {
    delete process.env["STORY_CLOCK_AHEAD"];
    delete process.env["NODE_OPTIONS"];
    if (before !== undefined) process.env["NODE_OPTIONS"] = before;
  }
}

/** Waits until an event of a run fits. */
export async function untilEvent(
  fairway: Fairway,
  run: { readonly id: string },
  fits: (event: EventShape) => boolean,
): Promise<void> {
  const leave = new AbortController();
  try {
    // From its first event on, so that none is missed that came before anybody listened.
    for await (const event of fairway.client.stream("events", { after: 0, run: run.id }, leave.signal))
      if (fits(event)) return;
  } finally {
    leave.abort();
  }
}
