import { formatProblem, loadProject } from "@fairway/config";
import { FairwayError, ecsPolicy, ecsPreviewPolicy } from "@fairway/core";
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
  const { environments, registry } = loaded.project;
  const onEcs = environments.filter(({ placements }) => placements.some(({ ecs }) => ecs !== undefined));
  const asked = onEcs.filter(({ name }) => environment === undefined || name === environment);
  if (asked.length === 0)
    throw new FairwayError(
      "not_found",
      environment === undefined
        ? "nothing of this project runs on AWS"
        : `nothing of ${environment} runs on AWS${onEcs.length === 0 ? "" : `, only of ${onEcs.map(({ name }) => name).join(", ")}`}`,
      { hint: "name services under `ecs` of an environment" },
    );
  const placements = asked.flatMap((each) => each.placements.flatMap(({ ecs }) => (ecs === undefined ? [] : [ecs])));
  const { previews } = loaded.project;
  const like = asked.find(({ name }) => name === previews?.inherits)?.placements.flatMap(({ ecs }) => ecs ?? []) ?? [];
  const own = ecsPolicy(placements, registry?.server ?? null);
  // Images are allowed once already.
  const ofPreviews =
    previews?.ecs === undefined || like.length === 0 ? [] : ecsPreviewPolicy(previews.ecs, like, null).Statement;
  printJson({ ...own, Statement: [...own.Statement, ...ofPreviews] });
}
