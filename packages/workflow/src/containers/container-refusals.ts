import type { JobInstance } from "../model/plan.ts";
import type { Problem, SourcePlace } from "../model/place.ts";

/** What to do where containers are wanted and no engine is configured. */
export const containerHint =
  "Start Fairway with --container-engine (it takes Docker's or Podman's socket, or podman itself), or run what it does in a `run` step.";

/**
 * Why a job cannot run where no container engine is configured, with the lines: asked before anything of it starts. What an
 * action of another repository turns out to be shows only when it has been fetched.
 */
export function containerRefusals({ job, file }: Pick<JobInstance, "job" | "file">): readonly Problem[] {
  const problem = (what: string, place: SourcePlace): Problem => ({
    message: `${what}, and no container engine is configured`,
    file,
    place,
    hint: containerHint,
  });
  return [
    ...(job.container === undefined ? [] : [problem(`the job "${job.id}" runs in a container`, job.container.place)]),
    ...(job.services === undefined ? [] : [problem(`the job "${job.id}" has service containers`, job.services.place)]),
    ...job.steps.flatMap((step) =>
      step.kind === "uses" && step.uses.reference.startsWith("docker://")
        ? [problem(`"${step.uses.reference}" is a container`, step.uses.place)]
        : [],
    ),
  ];
}
