import type { PlannedMigration, Release, ReleaseId } from "@fairway/core";
import { FairwayError, scopeOf, serviceOf } from "@fairway/core";
import type { AskServer, Mark } from "@fairway/migrations";
import { markPosition, withSession } from "@fairway/migrations";
import { raiseFence } from "../store/environment-fences.ts";
import type { Store } from "../store/store.ts";
import type { Begun, DeploymentInput } from "../rollouts/deployment-run.ts";
import { beginJob } from "../rollouts/deployment-run.ts";
import type { VerifyParts } from "../rollouts/run-verify.ts";
import type { Attempt, Json, Outcome, Stage } from "../runs/stage.ts";
import type { Applied } from "./apply-planned.ts";
import { applyPlanned } from "./apply-planned.ts";
import { backUp } from "./back-up.ts";
import { isOnOwnServer, migratedDatabaseUrl } from "./database-url.ts";
import type { MigrationReader } from "./migration-reader.ts";
import type { RecordedDatabase } from "./record-what-is-there.ts";
import { nameOfRun, recordBrought, recordWhatIsThere } from "./record-what-is-there.ts";
import { recordResolved } from "./resolve-migrations.ts";

/** What running migrations needs. */
export type MigrateParts = VerifyParts & { readonly store: Store; readonly migrations: MigrationReader };

/** What a job of migrations leaves for those that come after it. */
export type Migrated = {
  readonly applied: readonly string[];
  /** Where the database stood before; null where nothing was changed. */
  readonly before: string | null;
};

/** Runs what comes before the rollouts: what expands, and ways back. */
export const migrateStage = (parts: MigrateParts): Stage => ({
  name: "migrate",
  run: (attempt) => {
    const { plan, service } = attempt.input as unknown as DeploymentInput;
    const mine = (plan.migrations ?? []).filter((one) => one.service === service && one.phase === "before-rollout");
    return runMigrations(parts, attempt, mine);
  },
});

/** Runs migrations of one service in their order, and says what stands where one does not go through. */
export async function runMigrations(
  parts: MigrateParts,
  attempt: Attempt,
  planned: readonly PlannedMigration[],
): Promise<Outcome> {
  const { plan, service } = attempt.input as unknown as DeploymentInput;
  if (service === null) throw new FairwayError("internal", `${attempt.job} names no service`);
  if (planned.length === 0) return { outcome: "succeeded", result: null, summary: "nothing to do" };
  const owner = await ownerOf(parts, attempt, planned);
  const config = serviceOf(owner.project, service)?.migrations;
  const set = await parts.migrations.setOf(owner, service);
  if (config === undefined || set === null)
    throw new FairwayError("internal", `${owner.id} has no migrations of ${service}`);
  const url = await migratedDatabaseUrl(parts, owner, plan.environment, service, config);
  const refused = await backUp(parts, attempt, { owner, config, url });
  if (refused !== null) return { outcome: "failed", reason: `nothing was changed, for ${refused}` };
  const before = await attempt.step("mark", () =>
    withSession(url, readLimits, (client) =>
      markPosition(
        client,
        ["fairway", attempt.run, plan.environment, service, plan.release].join("_"),
        // The role of a service is nobody on the server; on a server of Fairway's own, Fairway is.
        isOnOwnServer(owner, service, config) ? askOwnServer(parts.store) : undefined,
      ),
    ).then((mark) => sentenceOf(mark, config.backup !== null)),
  );
  attempt.progress(before);
  const database: RecordedDatabase = { environment: plan.environment, service, set, url };
  await attempt.step("catch up with the record", async () => {
    await recordResolved(parts.store, database, () => Promise.resolve(url));
    return asJson(await recordWhatIsThere(parts.store, database));
  });
  const applied: string[] = [];
  for (const one of planned) {
    attempt.progress(`${one.direction === "back" ? "taking back" : "applying"} ${one.id}`);
    const came = (await attempt.step(`${one.direction === "back" ? "undo" : "apply"} ${one.id}`, async () =>
      asJson(
        await applyPlanned({
          planned: one,
          set,
          url,
          limits: config,
          by: nameOfRun(plan.release, attempt.run),
          token: () => attempt.token(scopeOf(plan.environment, service)),
          raiseFence: (least) => raiseFence(parts.store, plan.environment, least),
          tell: attempt.progress,
          signal: attempt.signal,
        }),
      ),
    )) as unknown as Applied;
    if ("reason" in came) return notThrough(one, came, applied, plan.environment);
    if (came.came === "applied") applied.push(one.id);
    await attempt.step(`record ${one.id}`, async () => {
      // Found there, it may be of this run, which was killed between the database and the record.
      if (came.came === "was there" && one.direction === "forward") await recordWhatIsThere(parts.store, database);
      else await recordBrought(parts.store, [{ ...one, environment: plan.environment, run: attempt.run }]);
      return null;
    });
  }
  const what = applied.length === 0 ? "all of it was there" : applied.join(", ");
  return {
    outcome: "succeeded",
    result: asJson({ applied, before } satisfies Migrated),
    summary: `${what}; before: ${before}`,
  };
}

/** What only reads, and marks, is quick or is given up. */
const readLimits = { lock: 5_000, statement: 30_000 };

/** What there is to go back to, for people. */
function sentenceOf(mark: Mark, isBackedUp: boolean): string {
  const backup = isBackedUp ? "the backup ended well, " : "";
  if ("restorePoint" in mark) return `${backup}restore point ${mark.restorePoint} at ${mark.at}`;
  const stood = `the database's log stood at ${mark.at}`;
  return isBackedUp ? `${backup}${stood}` : `${stood}; ${mark.why}; or name a "backup" command`;
}

const askOwnServer =
  (store: Store): AskServer =>
  async (text, values) =>
    (await store.rows<{ at: string }>(text, values))[0] ?? { at: "?" };

const asJson = (value: object): Json => value as unknown as Json;

/** The release that has the migrations: the one that is deployed, or for ways back the one that is left. */
async function ownerOf(parts: MigrateParts, attempt: Attempt, planned: readonly PlannedMigration[]): Promise<Release> {
  const { plan } = attempt.input as unknown as DeploymentInput;
  if (planned.every(({ direction }) => direction === "forward")) return parts.releaseOf(plan.release);
  const begun = attempt.results.get(beginJob) as unknown as Begun | undefined;
  const from = begun?.from ?? plan.from;
  if (from === null) throw new FairwayError("internal", "there is nothing to take back where nothing ran before");
  return parts.releaseOf(from as ReleaseId);
}

/** Why a migration did not go through, and what stands of those before it. */
function notThrough(
  { service, id, direction }: PlannedMigration,
  { came, reason, hint }: Extract<Applied, { readonly reason: string }>,
  applied: readonly string[],
  environment: string,
): Outcome {
  const stays =
    applied.length === 0 || direction === "back"
      ? "nothing of it is in the database"
      : `${applied.join(", ")} ${applied.length === 1 ? "was" : "were"} applied before it and stays: what ran before goes on with it`;
  const advice = hint === null ? "" : `; ${hint}`;
  if (came === "refused")
    return {
      outcome: "failed",
      reason: `${service}: ${reason}${advice}; ${stays}`,
      result: asJson({ applied, before: null }),
    };
  const action =
    came === "half"
      ? `see what is so: fairway migrations status ${environment}; then say it: fairway migrations resolve ${id} --env ${environment}; then: fairway run retry`
      : `when the database answers again: fairway migrations status ${environment}; then: fairway run retry`;
  return {
    outcome: "errored",
    reason: `${service}: ${reason}${advice}`,
    result: asJson({ applied, before: null }),
    attention: { why: `nobody can say what the database of ${service} in ${environment} has: ${reason}`, action },
  };
}
