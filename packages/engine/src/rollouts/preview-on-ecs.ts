import type { Placement, Project, Release, ReleaseId, SecretSource, Service } from "@fairway/core";
import { environmentOf, FairwayError, imageReference, secretScopeOf } from "@fairway/core";
import { valuesOf } from "../stages/step-command.ts";
import type { EcsPlace, Places } from "./places.ts";
import { urlVariable } from "./url-variable.ts";

interface PreviewParts {
  readonly places: Pick<Places, "databaseUrl">;
  /** Throws `not_found`. */
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  /** The secrets as the deployment of a release found them. */
  readonly secretsOf: (release: ReleaseId) => Promise<SecretSource>;
}

/** What of a service is of a release and what of an environment. */
interface Wanted {
  readonly service: Service;
  readonly placement: Placement;
}

interface PreviewAt {
  readonly release: Release;
  readonly environment: string;
  readonly name: string;
  /** What a release wants of the service there. Throws `not_found` when it wants nothing of it. */
  readonly wantedIn: (project: Project) => Wanted;
}

/**
 * Where a service of a preview runs on ECS. Its tasks are told what its replicas on this machine would be, but for what only
 * this machine has: its folders and its flags. Those they depend on they reach where everybody does, by their routes.
 */
export function previewOnEcs(parts: PreviewParts, at: PreviewAt): EcsPlace | null {
  const { release, environment, name, wantedIn } = at;
  const { service, placement } = wantedIn(release.project);
  if (placement.ecs === undefined) return null;
  return {
    placement: placement.ecs,
    async imageOf(id) {
      const of = await parts.releaseOf(id);
      const part = of.parts.find((candidate) => candidate.service === name);
      if (part?.image === undefined) throw new FairwayError("not_found", `release ${id} has no image of "${name}"`);
      return { reference: imageReference(part.image, part.artifact), env: openVariables(of, at) };
    },
    preview: {
      environment,
      service: name,
      routes: placement.routes,
      health: service.health,
      port: service.container?.port ?? null,
      secretsOf: (id) => secretVariables(parts, id, at),
    },
  };
}

const given = (project: Project, { environment, wantedIn }: PreviewAt): Wanted["placement"]["env"] => {
  const { service, placement } = wantedIn(project);
  return { ...environmentOf(project, environment)?.variables, ...service.env, ...placement.env };
};

function openVariables(release: Release, at: PreviewAt): Readonly<Record<string, string>> {
  const { project } = release;
  const { service, placement } = at.wantedIn(project);
  const others = environmentOf(project, at.environment)?.placements ?? [];
  const protocol = placement.ecs?.preview?.protocol ?? "https";
  const urls = service.dependsOn.flatMap((name) => {
    const [route] = others.find((other) => other.service === name)?.routes ?? [];
    return route === undefined ? [] : [[urlVariable(name), `${protocol}://${route.host}${route.path}`] as const];
  });
  const open = Object.entries(given(project, at)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    ...Object.fromEntries(urls),
    ...Object.fromEntries(open),
    GIT_SHA: release.revision.sha,
    FAIRWAY_RELEASE: release.id,
    FAIRWAY_ENVIRONMENT: at.environment,
    FAIRWAY_SERVICE: at.name,
  };
}

async function secretVariables(
  parts: PreviewParts,
  id: ReleaseId,
  at: PreviewAt,
): Promise<Readonly<Record<string, string>>> {
  const { project } = await parts.releaseOf(id);
  const { service } = at.wantedIn(project);
  const scope = secretScopeOf(project, at.environment);
  return {
    ...(service.database ? { DATABASE_URL: await parts.places.databaseUrl(at.environment, at.name) } : {}),
    ...(scope === null ? {} : await valuesOf(await parts.secretsOf(id), scope, given(project, at))),
  };
}
