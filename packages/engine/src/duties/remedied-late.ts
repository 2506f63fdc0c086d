import type { Millis, ReleaseId } from "@fairway/core";
import { usualSeverities } from "@fairway/core";
import { openIncident } from "../incidents/incident-control.ts";
import type { Store } from "../store/store.ts";
import type { DutyControl } from "./duty-control.ts";

/** So long whoever was let through to set something right has for it. */
const within: Millis = 24 * 3_600_000;
/** Decisions of so long ago are looked at: whoever was away for longer has other worries. */
const lookedBack = "8 days";

/**
 * Opens an incident of severity 3 for each duty that a deployment was let through for to set it right, and that is not well a
 * day later. One for each release and duty, however often it is looked.
 */
export async function tellRemediedLate({
  store,
  duties,
  now,
}: {
  readonly store: Store;
  readonly duties: Pick<DutyControl, "inForce" | "standings">;
  readonly now: () => number;
}): Promise<void> {
  const rows = await store.rows<{ release: ReleaseId; environment: string; at: string; duty: string }>(
    `select subject as release, environment, min(entry::json->'detail'->>'at') as at, remedied as duty
     from fairway.audit, json_array_elements_text(entry::json->'detail'->'remedies') as remedied
     where action = 'gate.decided' and at >= now() - $1::interval and (entry::json->'detail'->>'ready')::boolean
     group by 1, 2, 4 order by 3`,
    [lookedBack],
  );
  const late = rows.filter(({ at }) => now() - Date.parse(at) > within);
  if (late.length === 0) return;
  const [standings, { plan }] = [await duties.standings({}), await duties.inForce()];
  const { table } = plan.severities ?? usualSeverities;
  for (const { release, environment, duty } of late) {
    const found = standings.find((one) => one.duty.id === duty);
    if (found === undefined || found.state === "ok" || found.state === "due") continue;
    const wish = {
      ...{
        title: `${duty} is not well a day after ${release} was to set it right: ${found.why}`,
        environment,
        release,
      },
      ...({ impact: "degraded", scope: "some", key: `remedy/${release}/${duty}`, source: "gate" } as const),
    };
    await store.transaction((tx) => openIncident(tx, wish, { table, words: [] }));
  }
}
