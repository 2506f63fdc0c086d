import type { Environment, Release, ReleaseId, RunId } from "@fairway/core";
import { environmentOf } from "@fairway/core";
import type { HoldImagesParts } from "../images/hold-images.ts";
import { holdImages } from "../images/hold-images.ts";
import type { Places } from "../rollouts/places.ts";
import { carriedThroughAfter } from "../store/deployments.ts";
import { keepSetting, setting } from "../store/settings.ts";
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

/**
 * Keeps all that is on record of each deployment that was carried through, once for each, in its order: also of those that
 * another followed within a minute, or while AWS refused. May be repeated.
 */
export async function archiveDeployed(parts: ArchivingParts, archived: Set<string>): Promise<void> {
  await oneByOne(await parts.environments(), (environment) => archiveEnvironment(parts, environment, archived));
}

type ArchivingParts = Pick<PlatformUpkeepParts, "store" | "environments" | "releaseOf" | "places" | "bundle">;

/** What could not be kept keeps no later one from it, and holds the mark until it is. */
async function archiveEnvironment(
  { store, releaseOf, places, bundle }: ArchivingParts,
  name: string,
  archived: Set<string>,
): Promise<void> {
  if (places.archive === undefined) return;
  const mark = `archived/${name}`;
  const last = await setting(store, mark);
  const ended = await carriedThroughAfter(store, name, typeof last === "number" ? last : 0);
  let isBehind = false;
  await oneByOne(ended, async ({ run, release, place }) => {
    const keeping = archived.has(run) ? Promise.resolve() : keep(run, release);
    await keeping.catch(() => (isBehind = true));
    await keeping;
    archived.add(run);
    if (isBehind) return;
    await keepSetting(store, mark, place);
    // Behind the mark nobody looks again.
    archived.delete(run);
  });

  async function keep(run: RunId, id: ReleaseId): Promise<void> {
    const release = await releaseOf(id);
    const { access, archive = null } = environmentOf(release.project, name)?.aws ?? {};
    if (access === undefined || archive === null) return;
    const file = `${release.project.name}/${name}/${id}-${run}.zip`;
    await places.archive?.({ access, archive }, file, await bundle(id));
  }
}
