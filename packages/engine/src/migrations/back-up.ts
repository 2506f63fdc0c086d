import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Release, SecretSource, ServiceMigrations } from "@fairway/core";
import type { DeploymentInput } from "../rollouts/deployment-run.ts";
import type { VerifyParts } from "../rollouts/run-verify.ts";
import type { Attempt } from "../runs/stage.ts";
import { runStepCommand } from "../stages/step-command.ts";
import { clientVariables } from "./client-variables.ts";

/** Whose copy is to be kept, and of what. */
export interface ToBackUp {
  readonly owner: Release;
  readonly config: Pick<ServiceMigrations, "backup">;
  /** The connection string of the database. */
  readonly url: string;
}

/** Runs the command that keeps a copy. Answers with why it did not, in which case nothing may be changed. */
export async function backUp(
  parts: VerifyParts,
  attempt: Attempt,
  { owner, config, url }: ToBackUp,
): Promise<string | null> {
  const { plan, service } = attempt.input as unknown as DeploymentInput;
  if (config.backup === null) return null;
  const workspace = parts.data.workspace(attempt.run, `backup-${service ?? ""}`);
  await attempt.step("checkout", async () => {
    await rm(workspace, { recursive: true, force: true });
    await parts.repository.checkout(owner.revision.sha, workspace);
    return null;
  });
  const { PGPASSWORD, ...plain } = clientVariables(url);
  // Only these let somebody in; that a log hid every mention of a host or a user would help nobody.
  const secret = { DATABASE_URL: url, ...(PGPASSWORD === undefined ? {} : { PGPASSWORD }) };
  const answer = await runStepCommand({ ...parts, secrets: withValues(parts.secrets, secret) }, attempt, "backup", {
    command: config.backup,
    directory: join(workspace, config.backup.directory),
    env: {
      ...plain,
      ...Object.fromEntries(Object.keys(secret).map((name) => [name, { secret: nobodys(name) }])),
      FAIRWAY_ENVIRONMENT: plan.environment,
      FAIRWAY_RELEASE: plan.release,
      FAIRWAY_SERVICE: service ?? "",
    },
    secretsOf: plan.environment,
  });
  return answer.well ? null : `the backup did not end well: ${answer.reason}`;
}

/** No secret of anybody's: names have no spaces. */
const nobodys = (name: string): string => `the database's ${name}`;

/** The way in is nobody's to see, so it comes by the same way as secrets do. */
const withValues = (secrets: SecretSource, given: Readonly<Record<string, string>>): SecretSource => {
  const own = new Map(Object.entries(given).map(([name, value]) => [nobodys(name), value]));
  return {
    lookUp: async (environment, names) => ({
      ...(await secrets.lookUp(
        environment,
        names.filter((name) => !own.has(name)),
      )),
      ...Object.fromEntries(names.flatMap((name) => (own.has(name) ? [[name, own.get(name) ?? ""]] : []))),
    }),
  };
};
