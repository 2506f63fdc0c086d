import type { Json } from "../runs/stage.ts";
import type { DeployedStep } from "./deployed-steps.ts";
import { deployedSteps } from "./deployed-steps.ts";
import type { Sql } from "./store.ts";

/**
 * A question that can be put together with others as one: an SQL expression without parameters. It answers with what there is
 * to do; false and null say that there is nothing.
 */
export type Inquiry = string & { readonly inquiry: true };

const inquiry = (sql: string): Inquiry => sql as Inquiry;
const newest = "(select max(seq) from fairway.events)";
const settingNamed = (name: string): string => `(select value from fairway.settings where name = '${name}')`;

/** Whether something has happened after a place that a setting holds, or no place is kept yet. */
const happenedSince = (name: string): Inquiry =>
  inquiry(
    `(select case when json_typeof(place) = 'number' then ${newest} > (place #>> '{}')::float8 else true end
      from (select ${settingNamed(name)} as place) as kept)`,
  );

/** Whether there is a row whose time has come. */
const due = (table: string, states: string): Inquiry =>
  inquiry(`exists (select from fairway.${table} where state in (${states}) and look_at <= now())`);

/** Where nobody is to be told there is only a place to forget. */
export const noticesToCollect: Inquiry = inquiry(
  `(select case when json_typeof(project -> 'notices') = 'array' and json_array_length(project -> 'notices') > 0
     then ${happenedSince("notices.seen")} else coalesce(json_typeof(${settingNamed("notices.seen")}) = 'number', false) end
    from (select ${settingNamed("project")} as project) as kept)`,
);
export const noticesToSend: Inquiry = due("notices", "'waiting'");
export const reportsToCollect: Inquiry = happenedSince("forge.reported");
export const reportsToTell: Inquiry = due("forge_reports", "'waiting'");
export const diffsToScan: Inquiry = due("diff_scans", "'new'");
export const triggersToWork: Inquiry = inquiry(
  `(${due("deliveries", "'new'")} or ${due("trigger_firings", "'pending', 'waiting'")})`,
);

/** Whether there is a preview, or a pull request that may want one. */
export const previewsToCarry: Inquiry = inquiry(
  "(exists (select from fairway.previews where state <> 'ended') or exists (select from fairway.pulls where is_open and is_news))",
);

/** The hash of the newest row of the audit; none of an empty one, which is looked at too. */
export const endOfAudit: Inquiry = inquiry(
  "coalesce((select hash from fairway.audit order by number desc limit 1), '')",
);

/** What runs in the environments that nobody is changing. */
export const quietPlaces: Inquiry = inquiry(
  `(select json_agg(json_build_object('environment', l.environment, 'fence', l.fence, 'deployed', d.steps))
    from fairway.environment_locks l cross join lateral (${deployedSteps("l.environment")}) as d
    where l.holder_run is null and d.steps is not null)`,
);

/** An environment that nobody is changing, as `quietPlaces` answers. */
export interface QuietPlace {
  readonly environment: string;
  readonly fence: number;
  readonly deployed: readonly DeployedStep[];
}

/** Puts all of them as one question; the answers are in their order. */
export async function inquire(sql: Sql, inquiries: readonly Inquiry[]): Promise<readonly Json[]> {
  const [row] = await sql.rows<{ answers: readonly Json[] }>(
    // With a parameter the server keeps its plan, which takes longer to make than to follow.
    `select json_build_array(${inquiries.join(", ")}) as answers where $1`,
    [true],
  );
  return row?.answers ?? [];
}
