import type { Annotation } from "./job-host.ts";
import type { Draft, RunningJob } from "./running-job.ts";

/** Says something about a step in its log and beside it, as the runner itself does. */
export function reportIssue(job: RunningJob, draft: Draft, level: Annotation["level"], message: string): void {
  const annotation = draft.annotations.next({ level, message });
  if (annotation !== undefined) job.host.annotate(annotation);
  job.host.log(
    draft.key,
    message.split("\n").map((line) => `##[${level}]${line}`),
  );
}
