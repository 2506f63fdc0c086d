import { Cron } from "croner";
import type { Workflow } from "../model/workflow.ts";

/** When a line of `on.schedule` comes due. */
export interface ScheduledRun {
  readonly cron: string;
  readonly at: Date;
}

/** For each line of the schedule the next time after the given one; never the time itself. In the order of the file. */
export function nextScheduledRuns({ triggers }: Workflow, after: Date): readonly ScheduledRun[] {
  return triggers.schedules.flatMap(({ cron, timezone }) => {
    const at = new Cron(cron, { mode: "5-part", timezone: timezone ?? "UTC" }).nextRun(after);
    return at === null ? [] : [{ cron, at }];
  });
}
