import type { LiveReport, Millis, Timestamp } from "@fairway/core";
import type { BakeTurn } from "../store/bake-turns.ts";
import { hasCheckResult, keepCheckResult } from "../store/check-results.ts";
import type { Sql, Store } from "../store/store.ts";
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

/** Keeps what a worker found while a release bakes, once by what it was taken with. Answers with the number of the result. */
export const keepBakeJourney = (
  store: Store,
  { environment, release, name, location, run }: BakeTurn,
  made: { readonly key: string; readonly report: LiveReport; readonly startedAt: Date; readonly took: Millis },
): Promise<number> =>
  keepCheckResult(store, {
    key: `synthetic ${made.key}`,
    ...{ environment, release, name, location, run },
    ...({ kind: "journey", occasion: "bake" } as const),
    ...made.report,
    flaky: [],
    startedAt: made.startedAt.toISOString(),
    took: made.took,
  });

/** Keeps that nothing is known of a journey while a release bakes. May be repeated. */
export const keepBakeNoData = (store: Store, turn: BakeTurn, summary: string): Promise<number> => {
  const { environment, release, name, location, run, askedAt } = turn;
  return keepCheckResult(store, {
    key: `no data ${turn.key}`,
    ...{ environment, release, name, location, run },
    ...({ kind: "journey", occasion: "bake", status: "no-data" } as const),
    summary,
    ...{ tests: [], flaky: [], figures: {}, files: [] },
    startedAt: askedAt,
    took: 0,
  });
};

/** Whether what was told with a claim is kept, though the claim is nobody's any more. */
export const isKept = (sql: Sql, claim: string): Promise<boolean> => hasCheckResult(sql, `synthetic ${claim}`);

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
