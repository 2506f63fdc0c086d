import { listJourneyWorkers } from "../store/journey-workers.ts";
import type { Sql } from "../store/store.ts";

/** Why nobody made a journey at a place elsewhere, as far as is known. */
export async function whoMissed(sql: Sql, location: string): Promise<string> {
  const missed = `nobody made it at "${location}" when it was due`;
  const last = (await listJourneyWorkers(sql)).find((worker) => worker.location === location);
  return last === undefined
    ? `${missed}: no worker has asked for "${location}" yet; start one there: fairway worker ${location}`
    : `${missed}: the worker ${last.name} asked last at ${last.seenAt}`;
}
