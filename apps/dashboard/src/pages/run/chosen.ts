import type { JobShape, Run } from "@fairway/api";

const order = ["failed", "errored", "running", "waiting"] as const;

/** The one that matters most: what failed, else what is at work, else the last that did anything. */
function foremost<Item extends { readonly state: JobShape["state"]; readonly startedAt: string | null }>(
  items: readonly Item[],
): Item | undefined {
  for (const state of order) {
    const found = items.find((item) => item.state === state);
    if (found !== undefined) return found;
  }
  return items.findLast(({ startedAt }) => startedAt !== null) ?? items[0];
}

/** The job and the step that a page of a run opens: those that its link names, else those that matter most. */
export function chosen(
  { jobs }: Pick<Run, "jobs">,
  { job: jobName, step: stepName }: { readonly job?: string; readonly step?: string },
): { readonly job: JobShape | undefined; readonly step: JobShape["steps"][number] | undefined } {
  // The job that only makes the release of it all has nothing to tell.
  const telling = jobs.filter(({ stage }) => stage !== "release");
  const job = jobs.find(({ name }) => name === jobName) ?? foremost(telling.length > 0 ? telling : jobs);
  const step = job?.steps.find(({ name }) => name === stepName) ?? foremost(job?.steps ?? []);
  return { job, step };
}
