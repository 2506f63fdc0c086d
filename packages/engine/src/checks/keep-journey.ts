import type { LiveReport, Millis, Timestamp } from "@fairway/core";
import { keepCheckResult } from "../store/check-results.ts";
import type { Store } from "../store/store.ts";
import type { SyntheticTurn } from "../store/synthetic-turns.ts";
import { keyOfTurn } from "./wanted-journeys.ts";

/** Keeps what a journey came to that was made when it was due, once by its key. Answers with the number of the result. */
export const keepJourney = (
  store: Store,
  { environment, release, name, location }: SyntheticTurn,
  made: { readonly key: string; readonly report: LiveReport; readonly startedAt: Date; readonly took: Millis },
): Promise<number> =>
  keepCheckResult(store, {
    key: `synthetic ${made.key}`,
    environment,
    release,
    name,
    kind: "journey",
    occasion: "schedule",
    location,
    ...made.report,
    flaky: [],
    run: null,
    startedAt: made.startedAt.toISOString(),
    took: made.took,
  });

/** Keeps that nothing is known of a journey that was due at a time. May be repeated. */
export const keepNoData = (store: Store, turn: SyntheticTurn, dueAt: Timestamp, summary: string): Promise<number> =>
  keepCheckResult(store, {
    key: `no data ${keyOfTurn(turn)} ${dueAt} ${turn.release}`,
    environment: turn.environment,
    release: turn.release,
    name: turn.name,
    kind: "journey",
    occasion: "schedule",
    location: turn.location,
    status: "no-data",
    summary,
    tests: [],
    flaky: [],
    figures: {},
    files: [],
    run: null,
    startedAt: dueAt,
    took: 0,
  });
