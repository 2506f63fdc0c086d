import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { PlannedMigration, Release, ReleaseId, SecretSource, ServiceMigrations } from "@fairway/core";
import { FairwayError, scopeOf, serviceOf } from "@fairway/core";
import type { AskServer } from "@fairway/migrations";
import { markPosition, withSession } from "@fairway/migrations";
import { raiseFence } from "../store/raise-fence.ts";
import type { Store } from "../store/store.ts";
import type { Begun, DeploymentInput } from "../rollouts/deployment-run.ts";
import { beginJob } from "../rollouts/deployment-run.ts";
import type { VerifyParts } from "../rollouts/run-verify.ts";
import type { Attempt, Json, Outcome, Stage } from "../runs/stage.ts";
import { runStepCommand } from "../stages/step-command.ts";
import type { Applied } from "./apply-planned.ts";
import { applyPlanned } from "./apply-planned.ts";
import { isOnOwnServer, migratedDatabaseUrl } from "./database-url.ts";
import type { MigrationReader } from "./migration-reader.ts";
import type { RecordedDatabase } from "./record-what-is-there.ts";
import { nameOfRun, recordBrought, recordWhatIsThere } from "./record-what-is-there.ts";

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
  if (refused !== null) return { outcome: "failed", reason: refused };
  const before = await attempt.step("mark", () =>
    withSession(url, readLimits, (client) =>
      markPosition(
        client,
        ["fairway", attempt.run, plan.environment, service, plan.release].join("_"),
        // The role of a service is nobody on the server; on a server of Fairway's own, Fairway is.
        isOnOwnServer(owner, service, config) ? askOwnServer(parts.store) : undefined,
      ),
    ),
  );
  attempt.progress(before);
  const database: RecordedDatabase = { environment: plan.environment, service, set, url };
  await attempt.step("catch up with the record", async () => asJson(await recordWhatIsThere(parts.store, database)));
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

/** Runs the command that keeps a copy. Answers with why it did not, in which case nothing is changed. */
async function backUp(
  parts: MigrateParts,
  attempt: Attempt,
  { owner, config, url }: { readonly owner: Release; readonly config: ServiceMigrations; readonly url: string },
): Promise<string | null> {
  const { plan, service } = attempt.input as unknown as DeploymentInput;
  if (config.backup === null) return null;
  const workspace = parts.data.workspace(attempt.run, `backup-${service ?? ""}`);
  await attempt.step("checkout", async () => {
    await rm(workspace, { recursive: true, force: true });
    await parts.repository.checkout(owner.revision.sha, workspace);
    return null;
  });
  const answer = await runStepCommand({ ...parts, secrets: withUrl(parts.secrets, url) }, attempt, "backup", {
    command: config.backup,
    directory: join(workspace, config.backup.directory),
    env: {
      DATABASE_URL: { secret: urlName },
      FAIRWAY_ENVIRONMENT: plan.environment,
      FAIRWAY_RELEASE: plan.release,
      FAIRWAY_SERVICE: service ?? "",
    },
    secretsOf: plan.environment,
  });
  return answer.well ? null : `nothing was changed, for the backup did not end well: ${answer.reason}`;
}

/** No secret of anybody's: names have no spaces. */
const urlName = "the connection string";

/** The connection string is nobody's to see either, so it comes by the same way as secrets do. */
const withUrl = (secrets: SecretSource, url: string): SecretSource => ({
  lookUp: async (environment, names) => ({
    ...(await secrets.lookUp(
      environment,
      names.filter((name) => name !== urlName),
    )),
    ...(names.includes(urlName) ? { [urlName]: url } : {}),
  }),
});

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
