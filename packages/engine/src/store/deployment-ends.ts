import type { DeploymentEnd, DeploymentReason, Digest, EndedJob, ReleaseId, RolloutEnding } from "@fairway/core";
import { attentionAfter, changedNothing, deploymentEnd } from "@fairway/core";
import type { Attention } from "../runs/stage.ts";
import { recordChange } from "./audit.ts";
import { supersededBy } from "./environment-queue.ts";
import type { HeldJob } from "./jobs.ts";
import { quarantineAtEnd } from "./quarantine.ts";
import type { Run } from "./runs.ts";
import type { Transaction } from "./store.ts";
import { text } from "./store.ts";

/** What the run of a deployment says that it is about. */
export interface DeploymentSubject {
  readonly environment: string;
  readonly release: ReleaseId;
  readonly from: ReleaseId | null;
  readonly reason: DeploymentReason;
  readonly digest: Digest;
}

/** What the run of a deployment is about; null for a run of anything else. */
export function deploymentSubject({ kind, subject }: Pick<Run, "kind" | "subject">): DeploymentSubject | null {
  if (kind !== "deployment" || typeof subject !== "object" || subject === null || !("environment" in subject))
    return null;
  return subject as unknown as DeploymentSubject;
}

/**
 * Whether a run that was tried again, and ended so, has left its environment as its try before had left it: it did not begin
 * to change it, or brought back what that try had deployed. How that one ended is then what is true, and stays on record.
 */
const leavesAsItWas = (before: DeploymentEnd["outcome"] | null, end: DeploymentEnd): boolean =>
  before !== null &&
  before !== end.outcome &&
  (changedNothing(end) || (before === "deployed" && end.restored === true));

/** Whether a try that changed its environment, or did not come to that, leaves what ran before it. */
const isBackAsItWas = (end: DeploymentEnd): boolean =>
  changedNothing(end) || (end.outcome !== "deployed" && end.restored === true);

/** What the try before had carried through is on record again, in its old place: what came after it runs, as it did. */
async function putBack(tx: Transaction, run: Run["id"]): Promise<void> {
  await tx.rows(
    `update fairway.deployments d set (from_release, digest, began_at, secrets, outcome, restored, superseded_by, why, ended_at,
       place, stands_on, before) = (select b.from_release, b.digest, b.began_at, b.secrets, b.outcome, b.restored, b.superseded_by,
       b.why, b.ended_at, b.place, b.stands_on, null::json from json_populate_record(null::fairway.deployments, d.before) b)
     where run = $1`,
    [run],
  );
}

/** The jobs of a run, with what else than the release kept its rollouts from their end. */
async function withEndings(
  tx: Transaction,
  run: Pick<Run, "id">,
  jobs: readonly HeldJob[],
): Promise<readonly EndedJob[]> {
  const hasTrouble = ({ stage, state }: HeldJob): boolean =>
    stage === "rollout" && (state === "failed" || state === "errored");
  if (!jobs.some(hasTrouble)) return jobs;
  const found = await tx.rows<{ name: string; ending: RolloutEnding }>(
    `select name, result ->> 'ending' as ending from fairway.jobs
     where run = $1 and stage = 'rollout' and state in ('failed', 'errored') and result ->> 'ending' is not null`,
    [run.id],
  );
  const endings = new Map(found.map(({ name, ending }) => [name, ending]));
  return jobs.map((job) => ({ ...job, ending: endings.get(job.name) }));
}

/**
 * Writes down how a deployment ended, in the transaction in which its run does: none ends without saying how. Answers with
 * what a person must look at. May be repeated, as when the run is retried.
 */
export async function recordEnd(tx: Transaction, run: Run, jobs: readonly HeldJob[]): Promise<Attention | null> {
  const subject = deploymentSubject(run);
  if (subject === null) return null;
  const by = await supersededBy(tx, run.id);
  const end = deploymentEnd(await withEndings(tx, run, jobs), by !== null);
  const { outcome, restored, why } = end;
  const [before] = await tx.rows<{
    outcome: DeploymentEnd["outcome"] | null;
    restored: boolean | null;
    keeps: boolean;
  }>("select outcome, restored, before is not null as keeps from fairway.deployments where run = $1", [run.id]);
  if (before !== undefined && leavesAsItWas(before.outcome, end)) return null;
  const { environment, release } = subject;
  if (before?.keeps === true && isBackAsItWas(end)) {
    await quarantineAtEnd(tx, run.id, { carriedThrough: false, stoodBefore: false });
    await putBack(tx, run.id);
    const body = { release, outcome, restored, supersededBy: by };
    tx.emit({ kind: "deployment.changed", subject: run.id, body: { environment, ...body } });
    recordChange(tx, "deployment.ended", { subject: run.id, environment, detail: body });
    return null;
  }
  const [begun] = await tx.rows<{ from: ReleaseId | null }>(
    `insert into fairway.deployments as d
       (run, environment, release, from_release, reason, digest, began_at, outcome, restored, superseded_by, why, ended_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now())
     on conflict (run) do update set outcome = excluded.outcome, restored = excluded.restored, why = excluded.why,
       superseded_by = excluded.superseded_by, ended_at = coalesce(d.ended_at, excluded.ended_at)
     returning from_release as from`,
    [
      run.id,
      subject.environment,
      subject.release,
      subject.from,
      subject.reason,
      subject.digest,
      run.createdAt,
      outcome,
      restored,
      by,
      why && text(why),
    ],
  );
  if (outcome !== "deployed") await quarantineAtEnd(tx, run.id, { carriedThrough: false, stoodBefore: false });
  // That it was deployed, its own stage has told already.
  if (before?.outcome !== outcome || before.restored !== restored) {
    const body = { release, outcome, restored, supersededBy: by };
    tx.emit({ kind: "deployment.changed", subject: run.id, body: { environment, ...body } });
    recordChange(tx, "deployment.ended", { subject: run.id, environment, detail: body });
  }
  return attentionAfter(end, { environment, from: begun?.from ?? null, run: run.id });
}
