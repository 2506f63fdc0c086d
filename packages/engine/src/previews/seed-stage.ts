import type { Release, ReleaseId, SecretSource } from "@fairway/core";
import { environmentOf, FairwayError, secretScopeOf } from "@fairway/core";
import { artifactDirectory } from "../artifacts/store-artifact.ts";
import type { DeploymentInput } from "../rollouts/deployment-run.ts";
import type { Places } from "../rollouts/places.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { CommandParts } from "../stages/step-command.ts";
import { runStepCommand } from "../stages/step-command.ts";
import { isSeeded, noteSeeded } from "../store/preview-database-rows.ts";
import { previewByName } from "../store/previews.ts";
import type { Store } from "../store/store.ts";

export interface SeedParts extends CommandParts {
  readonly store: Store;
  readonly places: Places;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
}

const variable = "DATABASE_URL";

/** Fills the new database of a preview's service, once, after its migrations and before it starts. */
export function seedStage(parts: SeedParts): Stage {
  return {
    name: "seed",
    async run(attempt: Attempt): Promise<Outcome> {
      const { plan, service } = attempt.input as unknown as DeploymentInput & { readonly service: string };
      const { environment } = plan;
      const release = await parts.releaseOf(plan.release);
      const preview = await previewByName(parts.store, environment);
      const command = environmentOf(release.project, environment)?.preview?.seed?.[service];
      const part = release.parts.find((one) => one.service === service);
      if (preview === null || command === undefined || part === undefined)
        throw new FairwayError("internal", `there is nothing to fill the database of ${service} with`);
      if (await isSeeded(parts.store, preview.id, service)) return { outcome: "succeeded", result: null };
      if (part.image !== undefined)
        return {
          outcome: "failed",
          reason: `${service} runs as an image, of which no seed is run; let its migrations fill it`,
        };
      const url = await parts.places.databaseUrl(environment, service);
      const answer = await runStepCommand(
        { ...parts, secrets: withUrl(parts.secrets, secretScopeOf(release.project, environment), url) },
        attempt,
        "seed",
        {
          command,
          directory: artifactDirectory(part.artifact, parts.data.artifacts),
          env: {
            [variable]: { secret: variable },
            FAIRWAY_ENVIRONMENT: environment,
            FAIRWAY_SERVICE: service,
            GIT_SHA: release.revision.sha,
          },
          secretsOf: environment,
          caches: "none",
        },
      );
      if (!answer.well) return { outcome: "failed", reason: answer.reason };
      await noteSeeded(parts.store, preview.id, service);
      return { outcome: "succeeded", result: null, summary: `filled the database of ${service}` };
    },
  };
}

/** The secrets that a preview gets, none where it gets none, and where its database is, which may hold a password. */
const withUrl = (secrets: SecretSource, scope: string | null, url: string): SecretSource => ({
  async lookUp(_environment, names) {
    const others = names.filter((name) => name !== variable);
    const found = scope === null || others.length === 0 ? {} : await secrets.lookUp(scope, others);
    return names.includes(variable) ? { ...found, [variable]: url } : found;
  },
});
