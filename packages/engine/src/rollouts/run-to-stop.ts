import type { RunId } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Engine } from "../runs/engine.ts";
import { deploymentSubject } from "../store/deployment-ends.ts";

/**
 * The deployment that is meant when an environment is to stop: the one that changes it, or the only one that waits. Throws
 * `not_allowed_now` when there is none, or several wait and one has to be named.
 */
export async function runToStop(engine: Engine, environment: string): Promise<RunId> {
  const lock = (await engine.locks()).find((known) => known.environment === environment);
  if (lock?.holder) return lock.holder.run;
  const open = (await engine.runs({ kind: "deployment", open: true, limit: 500 })).filter(
    (run) => deploymentSubject(run)?.environment === environment,
  );
  const [only] = open;
  if (only === undefined) throw new FairwayError("not_allowed_now", `nothing is being deployed to ${environment}`);
  if (open.length === 1) return only.id;
  throw new FairwayError("not_allowed_now", `${open.length} deployments wait for ${environment}: none has begun`, {
    problems: open.map(({ id, title }) => `${id}: ${title}`),
    hint: `name one: fairway stop ${only.id}`,
  });
}
