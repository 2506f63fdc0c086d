import type { AttemptId, ChangeCount, Digest, InfrastructurePlan, ReleaseId, RunId, Timestamp } from "@fairway/core";
import { FairwayError, countChanges } from "@fairway/core";
import type { ContestedField, PlanMode } from "@fairway/infrastructure";
import { recordChange } from "./audit.ts";
import type { Sql, Store } from "./store.ts";
import { json, text } from "./store.ts";

/**
 * Where a plan stands. *planned*: it may be applied once. *applying*: somebody has taken it, and nobody else may. *void*: what
 * it was made of has changed, or its time is over. *unknown*: nobody knows what of it was done.
 */
export type InfrastructurePlanState = "planned" | "applying" | "applied" | "failed" | "void" | "unknown";

/** What there is to say of a plan without reading what is in it. */
export interface PlanSummary {
  readonly id: number;
  readonly run: RunId;
  readonly environment: string;
  readonly stack: string;
  readonly mode: PlanMode;
  readonly release: ReleaseId | null;
  /** Of the plan as it was shown: what approvals are bound to. */
  readonly digest: Digest;
  readonly commit: string;
  readonly tool: string;
  readonly count: ChangeCount;
  readonly state: InfrastructurePlanState;
  /** The attempt that took it; null while none has. */
  readonly appliedBy: AttemptId | null;
  /** Why it is as it is, where that is not plain. */
  readonly why: string | null;
  readonly plannedAt: Timestamp;
  readonly expiresAt: Timestamp;
  readonly endedAt: Timestamp | null;
}

/** A plan of infrastructure that is kept, without the file that is applied. */
export interface KeptPlan extends PlanSummary {
  readonly plan: InfrastructurePlan;
  readonly contested: readonly ContestedField[];
}

/** A plan that was made. */
export type NewPlan = Pick<KeptPlan, "run" | "environment" | "stack" | "mode" | "release" | "digest"> & {
  readonly job: string;
  readonly attempt: number;
  readonly plan: InfrastructurePlan;
  readonly contested: readonly ContestedField[];
};

interface SummaryRow {
  id: string;
  run: RunId;
  environment: string;
  stack: string;
  mode: PlanMode;
  release: ReleaseId | null;
  digest: Digest;
  commit_sha: string;
  tool: string;
  change_count: ChangeCount;
  state: InfrastructurePlanState;
  applied_by: AttemptId | null;
  why: string | null;
  planned_at: Date;
  expires_at: Date;
  ended_at: Date | null;
}

interface PlanRow extends SummaryRow {
  body: { plan: InfrastructurePlan; contested: readonly ContestedField[] };
}

const said =
  "id, run, environment, stack, mode, release, digest, commit_sha, tool, change_count, state, applied_by, why, planned_at, expires_at, ended_at";
const columns = `${said}, body`;

const planOf = ({ body, ...row }: PlanRow): KeptPlan => ({
  ...summaryOf(row),
  plan: body.plan,
  contested: body.contested,
});

const summaryOf = ({
  id,
  commit_sha,
  change_count,
  applied_by,
  planned_at,
  expires_at,
  ended_at,
  ...row
}: SummaryRow): PlanSummary => ({
  ...row,
  id: Number(id),
  commit: commit_sha,
  count: change_count,
  appliedBy: applied_by,
  plannedAt: planned_at.toISOString(),
  expiresAt: expires_at.toISOString(),
  endedAt: ended_at?.toISOString() ?? null,
});

/** The number of the next plan, which its file is sealed for. */
export async function nextPlanId(sql: Sql): Promise<number> {
  const [row] = await sql.rows<{ readonly id: string }>(
    "select nextval(pg_get_serial_sequence('fairway.infrastructure_plans', 'id')) as id",
  );
  return Number(row?.id);
}

/** Keeps a plan with its sealed file. May be repeated: an attempt makes one plan, the first. */
export async function keepPlan(store: Store, id: number, made: NewPlan, file: Buffer): Promise<KeptPlan> {
  return store.transaction(async (tx) => {
    const { plan, contested } = made;
    await tx.rows(
      `insert into fairway.infrastructure_plans
         (id, run, job, attempt, environment, stack, mode, release, digest, body, file, planned_at, expires_at,
          commit_sha, tool, change_count)
       overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
       on conflict (run, job, attempt) do nothing`,
      [
        id,
        made.run,
        made.job,
        made.attempt,
        made.environment,
        made.stack,
        made.mode,
        made.release,
        made.digest,
        json({ plan, contested }),
        file,
        plan.plannedAt,
        plan.expiresAt,
        plan.basis.commit,
        plan.basis.tool,
        json(countChanges(plan.changes)),
      ],
    );
    const [row] = await tx.rows<PlanRow>(
      `select ${columns} from fairway.infrastructure_plans where run = $1 and job = $2 and attempt = $3`,
      [made.run, made.job, made.attempt],
    );
    if (row === undefined) throw new FairwayError("internal", `the plan of ${made.stack} was not kept`);
    return planOf(row);
  });
}

/** Throws `not_found`. */
export async function planById(sql: Sql, id: number): Promise<KeptPlan> {
  const [row] = await sql.rows<PlanRow>(`select ${columns} from fairway.infrastructure_plans where id = $1`, [id]);
  if (row !== undefined) return planOf(row);
  throw noPlan(id);
}

/** A plan without what is in it. Throws `not_found`. */
export async function planSummary(sql: Sql, id: number): Promise<PlanSummary> {
  const [row] = await sql.rows<SummaryRow>(`select ${said} from fairway.infrastructure_plans where id = $1`, [id]);
  if (row !== undefined) return summaryOf(row);
  throw noPlan(id);
}

const noPlan = (id: number): FairwayError =>
  new FairwayError("not_found", `there is no plan ${id}`, { hint: "see: fairway infrastructure plans" });

/** The newest plans first, without what is in them. */
export async function listPlans(
  sql: Sql,
  asked: { readonly environment?: string; readonly stack?: string; readonly run?: RunId; readonly limit: number },
): Promise<readonly PlanSummary[]> {
  const found = await sql.rows<SummaryRow>(
    `select ${said} from fairway.infrastructure_plans
     where ($1::text is null or environment = $1) and ($2::text is null or stack = $2) and ($3::text is null or run = $3)
     order by id desc limit $4`,
    [asked.environment ?? null, asked.stack ?? null, asked.run ?? null, asked.limit],
  );
  return found.map(summaryOf);
}

/** The sealed file of a plan; null once there is none. */
export async function planFile(sql: Sql, id: number): Promise<Buffer | null> {
  const [row] = await sql.rows<{ readonly file: Buffer | null }>(
    "select file from fairway.infrastructure_plans where id = $1",
    [id],
  );
  return row?.file ?? null;
}

/**
 * Takes a plan to be applied, once. *taken* also for the attempt that has taken it before, which goes on after a crash;
 * otherwise how the plan stands.
 */
export async function takePlan(
  store: Store,
  id: number,
  by: AttemptId,
  digest: Digest,
): Promise<"taken" | InfrastructurePlanState> {
  return store.transaction(async (tx) => {
    const [row] = await tx.rows<{
      readonly state: InfrastructurePlanState;
      readonly applied_by: AttemptId | null;
      readonly digest: Digest;
      readonly over: boolean;
    }>(
      "select state, applied_by, digest, expires_at <= now() as over from fairway.infrastructure_plans where id = $1 for update",
      [id],
    );
    if (row === undefined || row.digest !== digest) return "void";
    if (row.state === "applying" && row.applied_by === by) return "taken";
    if (row.state !== "planned") return row.state;
    if (row.over) return "void";
    await tx.rows("update fairway.infrastructure_plans set state = 'applying', applied_by = $2 where id = $1", [
      id,
      by,
    ]);
    return "taken";
  });
}

/** Writes down how a plan ended; its file is forgotten. May be repeated; a plan ends once. */
export async function endPlan(
  store: Store,
  id: number,
  state: Exclude<InfrastructurePlanState, "planned" | "applying">,
  why: string | null,
): Promise<void> {
  await store.transaction(async (tx) => {
    const [ended] = await tx.rows<{ readonly environment: string; readonly stack: string; readonly digest: Digest }>(
      `update fairway.infrastructure_plans set state = $2, why = $3, file = null, ended_at = now()
       where id = $1 and (state in ('planned', 'applying') or (state = 'unknown' and $2 <> 'unknown'))
       returning environment, stack, digest`,
      [id, state, why && text(why)],
    );
    if (ended === undefined) return;
    const { environment, stack, digest } = ended;
    recordChange(tx, "infrastructure.applied", {
      subject: `plan ${id}`,
      environment,
      detail: { stack, state, digest },
    });
  });
}

/** Forgets the files of plans whose time is over. May be repeated. */
export async function expirePlans(sql: Sql): Promise<void> {
  await sql.rows(
    `update fairway.infrastructure_plans set state = 'void', why = 'it expired', file = null, ended_at = now()
     where state = 'planned' and expires_at <= now()`,
  );
}

/** Plans of which nobody knows what was done, or that were left in the middle, while nothing was applied there since. */
export async function unknownPlans(sql: Sql): Promise<readonly PlanSummary[]> {
  const found = await sql.rows<SummaryRow>(
    `select ${said} from fairway.infrastructure_plans p where (state = 'unknown' or (state = 'applying' and exists (
       select 1 from fairway.runs where id = p.run and ended_at is not null))) and not exists (
       select 1 from fairway.infrastructure_plans later
       where later.environment = p.environment and later.stack = p.stack and later.id > p.id and later.state = 'applied')
     order by id desc limit 20`,
  );
  return found.map(summaryOf);
}

/** What was applied to an environment since a release of its was last applied there, the oldest first. */
export async function appliedSince(sql: Sql, environment: string, release: ReleaseId): Promise<readonly KeptPlan[]> {
  const found = await sql.rows<PlanRow>(
    `select ${columns} from fairway.infrastructure_plans p
     where environment = $1 and state = 'applied' and release is distinct from $2
       and (select number from fairway.runs where id = p.run) > (
         select max(r.number) from fairway.deployments d join fairway.runs r on r.id = d.run
         where d.environment = $1 and d.release = $2)
     order by id`,
    [environment, release],
  );
  return found.map(planOf);
}
