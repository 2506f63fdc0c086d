import type { RunId } from "@fairway/core";
import type { Sql } from "./store.ts";

/** A run that a person must answer or look at, since when. */
export interface WaitingRun {
  readonly run: RunId;
  readonly since: Date;
}

/** At most so many are looked for: nobody answers more at once. */
const most = 200;

/**
 * Runs that wait for an approval, ask about a rollout's next step, or need a person's attention, and those that ended because
 * one of their steps was cut off; the longest first.
 */
export const waitingRuns = (sql: Sql): Promise<readonly WaitingRun[]> =>
  sql.rows<WaitingRun>(
    `select run, min(since) as since from (
       select j.run, g.opened_at as since from fairway.runs r
         join fairway.jobs j on j.run = r.id and j.stage = 'approval' and j.state = 'waiting'
         join fairway.gates g on g.run = j.run and g.job = j.name and g.attempt = j.attempt
         where r.ended_at is null
       union all
       select q.run, q.asked_at from fairway.runs r
         join fairway.step_questions q on q.run = r.id and q.answer is null
         join fairway.jobs j on j.run = q.run and j.name = q.job and j.attempt = q.attempt
         where r.ended_at is null and j.state = 'running' and j.stop is null
       union all
       (select r.id, coalesce(r.ended_at, r.started_at, r.created_at) from fairway.runs r
         where r.attention is not null
           and (r.ended_at is null
             or r.attention->>'interrupted' is not null and r.created_at > now() - interval '30 days'))
     ) as found group by run order by min(since), run limit ${most}`,
  );
