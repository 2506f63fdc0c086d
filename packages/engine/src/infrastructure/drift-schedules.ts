import type { Release } from "@fairway/core";
import { messageOf, stacksIn } from "@fairway/core";
import { Cron } from "croner";
import type { Sql } from "../store/store.ts";
import type { InfrastructureControl } from "./infrastructure-control.ts";

/** What schedules of looks need. */
export interface ScheduleParts {
  readonly store: Sql;
  readonly control: Pick<InfrastructureControl, "look">;
  readonly environments: () => Promise<readonly string[]>;
  readonly current: (environment: string) => Promise<Release | null>;
  readonly tell: (message: string) => void;
}

/**
 * Starts the looks that are due, each once whoever asks, however many daemons there are. A time that passed while nobody was
 * there is made up for once. The schedules are those of what runs.
 */
export async function lookWhereDue(parts: ScheduleParts, now: Date): Promise<void> {
  for (const environment of await parts.environments()) {
    const release = await parts.current(environment);
    for (const stack of stacksIn(release?.project.infrastructure, environment))
      for (const schedule of new Set(stack.drift)) {
        const due = await dueAt(parts.store, environment, stack.name, schedule, now);
        if (due > now) continue;
        const key = `drift/${environment}/${stack.name}/${schedule}/${due.toISOString()}`;
        try {
          const run = await parts.control.look({ environment, of: null, stacks: [stack.name], by: "fairway" }, key);
          await parts.store.rows(
            `update fairway.infrastructure_looks set due_at = $5, run = $6
             where environment = $1 and stack = $2 and schedule = $3 and due_at = $4`,
            [environment, stack.name, schedule, due, nextTime(schedule, now), run],
          );
        } catch (thrown) {
          parts.tell(`could not look for drift of ${stack.name} in ${environment}: ${messageOf(thrown)}`);
        }
      }
  }
}

async function dueAt(sql: Sql, environment: string, stack: string, schedule: string, now: Date): Promise<Date> {
  await sql.rows(
    `insert into fairway.infrastructure_looks (environment, stack, schedule, due_at) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [environment, stack, schedule, nextTime(schedule, now)],
  );
  const [row] = await sql.rows<{ readonly due_at: Date }>(
    "select due_at from fairway.infrastructure_looks where environment = $1 and stack = $2 and schedule = $3",
    [environment, stack, schedule],
  );
  return row?.due_at ?? nextTime(schedule, now);
}

/** The next time of a schedule after a moment; the configuration has made sure that there is one. */
const nextTime = (schedule: string, after: Date): Date =>
  new Cron(schedule, { paused: true, timezone: "UTC" }).nextRun(after) ?? new Date(8.64e15);
