import { waitingStages } from "../store/jobs.ts";
import type { RunPlan } from "./stage.ts";

/** Why a plan is no run, as sentences: names that are not unique, needs that are not there, circles, unknown stages. */
export function planProblems(plan: RunPlan, stages: ReadonlySet<string>): readonly string[] {
  const problems: string[] = [];
  const byName = new Map(plan.jobs.map((job) => [job.name, job]));
  if (byName.size !== plan.jobs.length) problems.push("two jobs have the same name");
  for (const job of plan.jobs) {
    for (const name of job.needs) if (!byName.has(name)) problems.push(`${job.name} needs ${name}, which is not there`);
    if (!(waitingStages as readonly string[]).includes(job.stage) && !stages.has(job.stage))
      problems.push(`${job.name} asks for the unknown stage ${job.stage}`);
  }
  const settled = new Set<string>();
  for (let before = -1; before !== settled.size;) {
    before = settled.size;
    for (const job of plan.jobs)
      if (job.needs.every((name) => settled.has(name) || !byName.has(name))) settled.add(job.name);
  }
  const circle = [...byName.keys()].filter((name) => !settled.has(name));
  if (circle.length > 0) problems.push(`${circle.join(", ")} wait for each other`);
  return problems;
}
