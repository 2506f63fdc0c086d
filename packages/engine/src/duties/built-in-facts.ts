import { freezeAt, loadCalendar } from "@fairway/config";
import type { BuiltInFacts, ContentFacts, Release, ReleaseId, RunId } from "@fairway/core";
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
  /** Whether it is asked for what the release shows. */
  readonly content?: boolean;
}

/** What it is found out with. */
export interface FactsParts {
  readonly store: Sql;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly current: (environment: string) => Promise<Release | null>;
  /** What a release shows; null: the newest. */
  readonly contentOf?: (release: Release | null) => Promise<ContentFacts>;
  readonly now: () => number;
}

/** Finds out what gates ask for that nobody has to show. */
export const builtInFacts =
  ({ store, releaseOf, current, contentOf, now }: FactsParts) =>
  async ({ environment, release, run, content = false }: FactsAsked): Promise<BuiltInFacts> => {
    const incidents = await openSeverity1(store, environment);
    const shown = async (of: Release | null): Promise<Pick<BuiltInFacts, "content">> =>
      content && contentOf !== undefined ? { content: await contentOf(of) } : {};
    if (environment === null)
      return {
        freeze: null,
        approvals: { needed: 0, given: null },
        incidents,
        ...(await shown(release === null ? null : await releaseOf(release))),
      };
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
      ...(await shown(coming)),
    };
  };

async function isApproved(store: Sql, run: RunId): Promise<boolean> {
  const found = await store.rows(
    "select 1 from fairway.jobs where run = $1 and name = 'approval' and stage = 'approval' and state = 'succeeded'",
    [run],
  );
  return found.length > 0;
}
