import { formatProblem, loadDuties, loadProject } from "@fairway/config";
import type { AwsConfigured } from "@fairway/core";
import { FairwayError, awsPolicy, ecsPreviewPolicy } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { repositoryHere } from "../../context.ts";
import { printJson } from "../../output/terminal.ts";

/** `fairway aws policy`: what the daemon must be allowed at AWS, by the configuration here. Asks nothing of AWS. */
export async function policy([environment]: readonly string[], _options: GlobalOptions): Promise<void> {
  const loaded = await loadProject(await repositoryHere());
  if (!loaded.ok)
    throw new FairwayError("config_invalid", "the configuration has problems", {
      problems: loaded.problems.map(formatProblem),
    });
  const { registry, previews } = loaded.project;
  const environments = loaded.project.environments.filter(
    ({ name }) => environment === undefined || name === environment,
  );
  const owed = await owedHere(environment);
  const own = awsPolicy({ environments, registry: registry?.server ?? null, ...owed });
  if (own.Statement.length === 0 || environments.length === 0)
    throw new FairwayError(
      "not_found",
      environment === undefined ? "nothing of this project is at AWS" : `nothing of ${environment} is at AWS`,
      { hint: "name services under `ecs` of an environment, or what else is used under its `aws`" },
    );
  const like =
    environments.find(({ name }) => name === previews?.inherits)?.placements.flatMap(({ ecs }) => ecs ?? []) ?? [];
  // Images are allowed once already.
  const ofPreviews =
    previews?.ecs === undefined || like.length === 0 ? [] : ecsPreviewPolicy(previews.ecs, like, null).Statement;
  printJson({ ...own, Statement: [...own.Statement, ...ofPreviews] });
}

/** What `ops/` asks of AWS: backups that it makes, and keys that it exchanges. */
async function owedHere(environment: string | undefined): Promise<Pick<AwsConfigured, "backups" | "rotations">> {
  const loaded = loadDuties(await repositoryHere(), { commit: "", today: new Date().toISOString().slice(0, 10) });
  if (!loaded.ok)
    throw new FairwayError("config_invalid", "ops/ has problems", { problems: loaded.problems.map(formatProblem) });
  const { backups = [], duties } = loaded.plan;
  const isMeant = (of: { readonly environment: string | null }): boolean =>
    environment === undefined || of.environment === environment;
  return {
    backups: backups.filter(isMeant).flatMap((each) => (each.driver === "aws-backup" ? [each] : [])),
    rotations: duties
      .filter(isMeant)
      .flatMap(({ run }) => (run?.kind === "rotation" && run.driver === "aws-secrets-manager" ? [run] : [])),
  };
}
