import type { DutyStanding } from "@fairway/core";
import { failingTogether, usualSeverities } from "@fairway/core";
import { openIncident } from "../incidents/incident-control.ts";
import type { Store } from "../store/store.ts";
import type { DutyControl } from "./duty-control.ts";

/**
 * Opens an incident where a credential fails and so does the one that stands in for it: nothing is left that works. One for
 * each two while it is open; when somebody closes it, the next look that finds both failing opens another. May be repeated.
 */
export async function tellFailingTogether({
  store,
  duties,
}: {
  readonly store: Store;
  readonly duties: Pick<DutyControl, "inForce" | "standings">;
}): Promise<void> {
  const { plan } = await duties.inForce();
  if (plan.duties.every(({ fallback }) => fallback === undefined)) return;
  const { table } = plan.severities ?? usualSeverities;
  for (const { first, second } of failingTogether(await duties.standings({}))) {
    const about = `together/${first.duty.id}/`;
    const found = lastOf(first, second);
    const wish = {
      title: `${first.duty.id} and ${second.duty.id}, which stands in for it, both fail: ${first.why}; ${second.why}`,
      ...{ environment: first.duty.environment, release: null },
      ...({ impact: "degraded", scope: "all", source: "duties" } as const),
      key: `${about}${found.number}`,
    };
    await store.transaction(async (tx) => {
      const [told] = await tx.rows<{ closed_at: Date | null }>(
        "select closed_at from fairway.incidents where starts_with(key, $1) order by number desc limit 1",
        [about],
      );
      const isKnown = told !== undefined && (told.closed_at === null || told.closed_at.getTime() >= found.at);
      if (!isKnown) await openIncident(tx, wish, { table, words: [] });
    });
  }
}

/** What was found last of either, and when. */
function lastOf(...standings: readonly DutyStanding[]): { readonly number: number; readonly at: number } {
  const [last] = standings.flatMap(({ newest }) => newest ?? []).toSorted((one, other) => other.number - one.number);
  return { number: last?.number ?? 0, at: last === undefined ? 0 : Date.parse(last.recordedAt) };
}
