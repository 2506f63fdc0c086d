import type { RunId, SpanExporter, State } from "@fairway/core";
import { isTerminal } from "@fairway/core";
import type { RunDetail } from "../runs/engine.ts";
import { eventsAfter, latestEvent } from "../store/events.ts";
import { keepSetting, setting } from "../store/settings.ts";
import type { Store } from "../store/store.ts";
import { spansOfRun } from "./spans-of-run.ts";

/** What tracing needs of the rest. */
export interface TraceParts {
  readonly store: Store;
  readonly run: (id: RunId) => Promise<RunDetail>;
  readonly project: () => Promise<{ readonly name: string } | null>;
  readonly exporter: SpanExporter;
}

const cursor = "traces.seen";
const perLook = 200;

/**
 * Sends the traces of the runs that have ended since the last time, in the order in which they did. The place is kept only
 * when they have arrived, so a kill in between sends them again, with the same ids.
 */
export async function sendTraces({ store, run, project, exporter }: TraceParts): Promise<void> {
  const seen = await setting(store, cursor);
  if (typeof seen !== "number") return keepSetting(store, cursor, await latestEvent(store));
  const events = await eventsAfter(store, seen, perLook);
  const last = events.at(-1);
  if (last === undefined) return;
  const ended = events.filter(
    ({ kind, body }) => kind === "run.changed" && isTerminal((body as { readonly state?: State }).state ?? "running"),
  );
  const ids = new Set(ended.map(({ subject }) => subject as RunId));
  const name = (await project())?.name ?? "fairway";
  const spans = await Promise.all([...ids].map(async (id) => spansOfRun(name, await run(id))));
  if (spans.flat().length > 0) await exporter.send(spans.flat());
  await keepSetting(store, cursor, last.seq);
}
