import { freezeAt, loadCalendar } from "@fairway/config";
import type { BuiltInFacts, Release, ReleaseId, RunId } from "@fairway/core";
import { bothWindows, environmentOf, isOverridden } from "@fairway/core";
import { freezeOverrides } from "../store/freeze-overrides.ts";
import { openSeverity1 } from "../store/incidents.ts";
import type { Sql } from "../store/store.ts";

/** What is asked of Fairway's own knowledge. */
export interface FactsAsked {
  /** Null: what concerns any of them. */
  readonly environment: string | null;
  /** What the environment runs now when null. */
  readonly release: ReleaseId | null;
  /** The deployment that asks; null before there is one. */
  readonly run: RunId | null;
}

/** What it is found out with. */
export interface FactsParts {
  readonly store: Sql;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly current: (environment: string) => Promise<Release | null>;
  readonly now: () => number;
}

/** Finds out what gates ask for that nobody has to show. */
export const builtInFacts =
  ({ store, releaseOf, current, now }: FactsParts) =>
  async ({ environment, release, run }: FactsAsked): Promise<BuiltInFacts> => {
    const incidents = await openSeverity1(store, environment);
    if (environment === null) return { freeze: null, approvals: { needed: 0, given: null }, incidents };
    const running = await current(environment);
    const coming = release === null ? running : await releaseOf(release);
    const there = (of: Release | null) => (of === null ? undefined : environmentOf(of.project, environment));
    const windows = bothWindows(there(running)?.freezes, there(coming)?.freezes);
    if (windows.length > 0) await loadCalendar();
    const freeze = windows.length === 0 ? null : freezeAt(windows, now());
    const isGoneThrough = freeze !== null && run !== null && isOverridden(await freezeOverrides(store, run));
    return {
      freeze: isGoneThrough ? null : freeze,
      approvals: { needed: there(coming)?.approvals ?? 0, given: run === null ? null : await isApproved(store, run) },
      incidents,
    };
  };

async function isApproved(store: Sql, run: RunId): Promise<boolean> {
  const found = await store.rows(
    "select 1 from fairway.jobs where run = $1 and name = 'approval' and stage = 'approval' and state = 'succeeded'",
    [run],
  );
  return found.length > 0;
}
