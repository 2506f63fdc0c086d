import { createHash } from "node:crypto";
import type { Span, State } from "@fairway/core";
import type { RunDetail } from "../runs/engine.ts";

type Attributes = Record<string, string | number | boolean>;

/** Results as the semantic conventions for CI/CD name them (OpenTelemetry 1.3x, in development). */
const results: Readonly<Record<State, string>> = {
  pending: "skip",
  running: "error",
  waiting: "error",
  succeeded: "success",
  failed: "failure",
  errored: "error",
  aborted: "cancellation",
};
const taskTypes: Readonly<Record<string, string>> = {
  build: "build",
  check: "test",
  verify: "test",
  rollout: "deploy",
  restore: "deploy",
};

/**
 * A run that has ended as one trace: the run, its jobs, their steps. Ids are drawn from what they are of, so that spans which
 * are sent twice are the same spans. What never began has none.
 */
export function spansOfRun(project: string, run: RunDetail): readonly Span[] {
  const { id, startedAt, endedAt } = run;
  if (startedAt === null || endedAt === null) return [];
  const of = `${project} ${id} ${run.createdAt}`;
  const trace = hex(of, 32);
  const root: Span = {
    trace,
    id: hex(`${of} run`, 16),
    parent: null,
    name: `${run.kind} ${run.title}`,
    began: startedAt,
    ended: endedAt,
    attributes: {
      "cicd.pipeline.name": run.kind,
      "cicd.pipeline.run.id": id,
      "cicd.pipeline.result": results[run.state],
      "cicd.pipeline.run.state": "finalizing",
      "fairway.project": project,
      "fairway.requested_by": run.requestedBy,
      ...deploymentOf(run),
    },
    trouble: troubleOf(run.state, firstReason(run)),
  };
  const jobs = run.jobs.flatMap((job): readonly Span[] => {
    if (job.startedAt === null || job.endedAt === null) return [];
    const span: Span = {
      trace,
      id: hex(`${of} ${job.name} ${job.attempt}`, 16),
      parent: root.id,
      name: job.name,
      began: job.startedAt,
      ended: job.endedAt,
      attributes: {
        "cicd.pipeline.task.name": job.name,
        "cicd.pipeline.task.run.id": `${id}/${job.name}/${job.attempt}`,
        "cicd.pipeline.task.run.result": results[job.state],
        ...(taskTypes[job.stage] === undefined ? {} : { "cicd.pipeline.task.type": taskTypes[job.stage] ?? "" }),
        "fairway.stage": job.stage,
        "fairway.attempt": job.attempt,
      },
      trouble: troubleOf(job.state, job.reason),
    };
    const steps = job.steps.flatMap((step): readonly Span[] =>
      step.endedAt === null
        ? []
        : [
            {
              trace,
              id: hex(`${of} ${job.name} ${step.attempt} ${step.seq}`, 16),
              parent: span.id,
              name: step.title ?? step.name,
              began: step.startedAt,
              ended: step.endedAt,
              attributes: { "fairway.step": step.seq, "fairway.attempt": step.attempt },
              trouble: troubleOf(step.state, step.message),
            },
          ],
    );
    return [span, ...steps];
  });
  return [root, ...jobs];
}

const hex = (of: string, digits: number): string => createHash("sha256").update(of).digest("hex").slice(0, digits);

const troubleOf = (state: State, why: string | null): string | null =>
  state === "succeeded" || state === "pending" ? null : (why ?? state);

const firstReason = ({ jobs }: RunDetail): string | null =>
  jobs.find(({ state, reason }) => reason !== null && state !== "succeeded")?.reason ?? null;

/** What a deployment is about, as the conventions name it. */
function deploymentOf({ kind, subject, id, state }: RunDetail): Attributes {
  if (kind !== "deployment" || typeof subject !== "object" || subject === null) return {};
  const { environment, release, reason } = subject as Readonly<Record<string, unknown>>;
  return {
    ...(typeof environment === "string" ? { "deployment.environment.name": environment } : {}),
    ...(typeof release === "string" ? { "fairway.release": release } : {}),
    ...(typeof reason === "string" ? { "fairway.reason": reason } : {}),
    "deployment.id": id,
    "deployment.status": state === "succeeded" ? "succeeded" : "failed",
  };
}
