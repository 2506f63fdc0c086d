import type { AwsAccess, AwsArchive, Environment, Release, ReleaseId, RunId } from "@fairway/core";
import { environmentOf } from "@fairway/core";
import type { HoldImagesParts } from "../images/hold-images.ts";
import { holdImages } from "../images/hold-images.ts";
import type { Places } from "../rollouts/places.ts";
import type { Upkeep } from "./look-after.ts";
import { oneByOne } from "./one-by-one.ts";

/** How it is known what environments run. */
type RunningParts = Pick<PlatformUpkeepParts, "environments" | "current" | "releaseOf">;

/** What is done at platforms for as long as the daemon runs. */
export interface PlatformUpkeepParts extends HoldImagesParts {
  readonly places: Pick<Places, "dashboard" | "archive">;
  /** Every environment that a deployment was ever to. */
  readonly environments: () => Promise<readonly string[]>;
  /** The last deployment there that was carried through; null where there was none. */
  readonly current: (environment: string) => Promise<{ readonly run: RunId; readonly release: ReleaseId } | null>;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  /** All that is on record of a release, signed. */
  readonly bundle: (release: ReleaseId) => Promise<Uint8Array>;
}

const minute = 60_000;

/** Holds images, draws dashboards and archives what was deployed. */
export function platformUpkeep(parts: PlatformUpkeepParts): readonly Upkeep[] {
  const archived = new Set<string>();
  return [
    { what: "hold the images of releases", every: 30 * minute, first: minute, work: () => holdImages(parts) },
    { what: "draw the dashboards", every: 5 * minute, first: minute / 2, work: () => drawDashboards(parts) },
    { what: "archive what was deployed", every: minute, first: minute, work: () => archiveDeployed(parts, archived) },
  ];
}

/** What an environment runs, by the configuration of that release. */
async function running({
  environments,
  current,
  releaseOf,
}: RunningParts): Promise<
  readonly { readonly run: string; readonly release: Release; readonly environment: Environment }[]
> {
  const found = [];
  for (const name of await environments()) {
    const last = await current(name);
    if (last === null) continue;
    const release = await releaseOf(last.release);
    const environment = environmentOf(release.project, name);
    if (environment !== undefined) found.push({ run: last.run, release, environment });
  }
  return found;
}

/** Makes a dashboard of each service on ECS where the environment asks for them. May be repeated. */
export async function drawDashboards(parts: RunningParts & Pick<PlatformUpkeepParts, "places">): Promise<void> {
  const draw = parts.places.dashboard;
  if (draw === undefined) return;
  const shown = (await running(parts))
    .filter(({ environment }) => environment.aws?.dashboards === true)
    .flatMap(({ environment: { name, placements } }) =>
      placements.flatMap(({ service, ecs }) =>
        ecs === undefined ? [] : [{ environment: name, service, placement: ecs }],
      ),
    );
  await oneByOne(shown, draw);
}

/** Keeps all that is on record of what each environment runs, once for each deployment. May be repeated. */
export async function archiveDeployed(parts: RunningParts & KeepingParts, archived: Set<string>): Promise<void> {
  await oneByOne(await running(parts), async ({ run, release, environment }) => {
    const archive = environment.aws?.archive ?? null;
    const name = `${release.project.name}/${environment.name}/${release.id}-${run}.zip`;
    if (environment.aws === undefined || archive === null || archived.has(name)) return;
    await keep(parts, { access: environment.aws.access, archive }, name, release.id);
    archived.add(name);
  });
}

type KeepingParts = Pick<PlatformUpkeepParts, "places" | "bundle">;

async function keep(
  { places, bundle }: KeepingParts,
  place: { readonly access: AwsAccess; readonly archive: AwsArchive },
  name: string,
  release: ReleaseId,
): Promise<void> {
  await places.archive?.(place, name, await bundle(release));
}
