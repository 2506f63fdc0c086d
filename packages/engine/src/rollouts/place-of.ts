import { mkdir } from "node:fs/promises";
import type {
  ContractLedger,
  Digest,
  HostedLedger,
  Placement,
  Project,
  Release,
  ReleaseId,
  ReleasePart,
  ReplicaSpec,
  SecretSource,
  Service,
} from "@fairway/core";
import {
  FairwayError,
  environmentOf,
  imageReference,
  isImageCommand,
  isInRegistry,
  scopeOf,
  secretScopeOf,
  serviceOf,
} from "@fairway/core";
import { artifactDirectory } from "../artifacts/store-artifact.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { flagVariables } from "../flags/flag-variables.ts";
import type { FlagSteps } from "../flags/step-flags.ts";
import { contractPlace } from "../contracts/contract-place.ts";
import { contractVariables, isOfContracts } from "../contracts/contract-variables.ts";
import { accessTo } from "../images/registry-access.ts";
import type { stackOutputs } from "../infrastructure/stack-outputs.ts";
import { valuesOf } from "../stages/step-command.ts";
import { hostedPlace } from "./hosted-place.ts";
import type { EcsPlace, Place, Places } from "./places.ts";
import { previewOnEcs } from "./preview-on-ecs.ts";
import { socketFolderOf } from "./socket-folder.ts";
import { urlVariable } from "./url-variable.ts";

/** What is needed to say how a release's replicas are started. */
export interface PlaceParts {
  readonly data: DataDirectory;
  readonly secrets: SecretSource;
  /** With which versions of secrets a release was brought to an environment; left out where that is not kept. */
  readonly secretsGiven?:
    | ((environment: string, release: ReleaseId) => Promise<Readonly<Record<string, string>>>)
    | undefined;
  readonly places: Places;
  /** Throws `not_found`. */
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  /** What a service with these variables finds the flags of its environment by. */
  readonly flagVariables: ReturnType<typeof flagVariables>;
  /** Sets the flags of a rollout's steps. */
  readonly flagSteps: FlagSteps;
  /** What stacks of infrastructure give a service of a release; nothing when left out. */
  readonly stackOutputs?: ReturnType<typeof stackOutputs> | undefined;
  /** What is remembered of smart contracts; left out where there are none. */
  readonly contractLedger?: ContractLedger | undefined;
  /** What is remembered of services that platforms serve; left out where there are none. */
  readonly hostedLedger?: HostedLedger | undefined;
}

/** One service as a release wants it in an environment. */
export interface Wanted {
  readonly service: Service;
  readonly placement: Placement;
}

/** What a release wants of one service in an environment. Throws `not_found` when it wants nothing of it. */
export function wantedOf(project: Project, environment: string, service: string): Wanted {
  const found = serviceOf(project, service);
  const placement = environmentOf(project, environment)?.placements.find((candidate) => candidate.service === service);
  if (!found || !placement || found.run === null)
    throw new FairwayError("not_found", `the release does not run "${service}" in ${environment}`);
  return { service: found, placement };
}

/** The place of a service as this release describes it: its routes, health and limits. */
export function placeOf(parts: PlaceParts, release: Release, environment: string, name: string): Place {
  const { service, placement } = wantedOf(release.project, environment, name);
  const { path, interval, timeout } = service.health;
  const hosted =
    parts.hostedLedger === undefined
      ? null
      : hostedPlace(parts, parts.hostedLedger, { release, environment, name }, (of) =>
          wantedOf(of.project, environment, name),
        );
  return {
    environment,
    service: name,
    route: {
      name: scopeOf(environment, name),
      rules: placement.routes,
      internalPath: `/${environment}/${name}`,
      health: { path, interval, timeout },
      ...(placement.requests === undefined ? {} : { limits: placement.requests }),
      ...(placement.httpsOnly === undefined ? {} : { httpsOnly: placement.httpsOnly }),
      ...wakerOf(parts.places, release.project, environment),
    },
    health: service.health,
    stop: service.stop,
    specOf: async (id, ordinal) => replicaSpec(parts, await parts.releaseOf(id), environment, name, ordinal),
    ...(placement.chain === undefined || parts.contractLedger === undefined
      ? {}
      : { contracts: contractPlace(parts, parts.contractLedger, release, environment, name) }),
    ...(hosted === null ? {} : { hosted }),
    ...(placement.balancer === undefined ? {} : { balancer: placement.balancer }),
    ...(placement.ecs === undefined ? {} : { ecs: ecsPlaceOf(parts, placement.ecs, release, environment, name) }),
  };
}

function ecsPlaceOf(
  parts: PlaceParts,
  ecs: NonNullable<Placement["ecs"]>,
  release: Release,
  environment: string,
  name: string,
): EcsPlace {
  const wantedIn = (project: Project): Wanted => wantedOf(project, environment, name);
  const preview =
    ecs.preview === undefined
      ? null
      : previewOnEcs(
          { ...parts, secretsOf: (id) => secretsAsGiven(parts, id, environment) },
          { release, environment, name, wantedIn },
        );
  return (
    preview ?? {
      placement: ecs,
      imageOf: async (id: ReleaseId) => releasedImage(await parts.releaseOf(id), name),
    }
  );
}

/** The image of a service in a release. What else its replicas need is not Fairway's to say where it does not run them. */
function releasedImage({ id, revision, parts }: Release, service: string): Awaited<ReturnType<EcsPlace["imageOf"]>> {
  const part = parts.find((candidate) => candidate.service === service);
  if (part?.image === undefined) throw new FairwayError("not_found", `release ${id} has no image of "${service}"`);
  return {
    reference: imageReference(part.image, part.artifact),
    env: { GIT_SHA: revision.sha, FAIRWAY_RELEASE: id },
  };
}

/** Only what a request may wake has somebody to answer in its place. */
function wakerOf({ waker }: Places, project: Project, environment: string): Pick<Place["route"], "waker"> {
  const found = environmentOf(project, environment)?.preview === undefined ? undefined : waker?.();
  return found === undefined ? {} : { waker: found };
}

/** How one replica of a release is started. Each release is started as its own configuration says, also on the way back. */
async function replicaSpec(
  parts: PlaceParts,
  release: Release,
  environment: string,
  name: string,
  ordinal: number,
): Promise<ReplicaSpec> {
  const { service, placement } = wantedOf(release.project, environment, name);
  const part = release.parts.find((candidate) => candidate.service === name);
  if (!part || service.run === null)
    throw new FairwayError("not_found", `release ${release.id} has no artifact of "${name}"`);
  const variables = await environmentVariables(parts, release, environment, service, placement);
  return {
    name: `${environment}.${name}.${release.id}.${ordinal}`,
    release: release.id,
    command: parts.places.commandOf(service.run),
    directory: artifactDirectory(part.artifact, parts.data.artifacts),
    ...variables,
    ...(part.image === undefined ? {} : { image: await imageOf(parts, release, part, service, variables.env) }),
    health: service.health,
    limits: service.limits,
    ...(placement.balancer === undefined ? {} : { reachable: true as const }),
  };
}

async function imageOf(
  { secrets }: PlaceParts,
  { project: { registry } }: Release,
  { image = "", artifact }: ReleasePart,
  service: Service,
  env: ReplicaSpec["env"],
): Promise<NonNullable<ReplicaSpec["image"]>> {
  const replica = replicaImage(image, artifact, service, env);
  return isInRegistry(registry, image) ? { ...replica, access: await accessTo(registry, secrets) } : replica;
}

function replicaImage(
  name: string,
  digest: Digest,
  { run, container, ...service }: Service,
  env: ReplicaSpec["env"],
): NonNullable<ReplicaSpec["image"]> {
  const state = env[stateVariable] ?? null;
  // Ours is reached by a socket, which a container must see; of the folder that it lies in there is nothing else.
  const database = socketFolderOf(env["DATABASE_URL"] ?? "");
  return {
    reference: imageReference(name, digest),
    command: run === null || isImageCommand(run) ? null : run,
    port: container?.port ?? null,
    mounts: [state, service.database ? database : null].filter((folder) => folder !== null),
    ...(container?.secretFiles === true ? { secretFiles: true } : {}),
  };
}

const stateVariable = "FAIRWAY_STATE_DIRECTORY";

async function environmentVariables(
  parts: PlaceParts,
  release: Release,
  environment: string,
  service: Service,
  placement: Placement,
): Promise<Pick<ReplicaSpec, "env" | "secrets">> {
  const scope = secretScopeOf(release.project, environment);
  const preview = environmentOf(release.project, environment)?.preview;
  const given = { ...environmentOf(release.project, environment)?.variables, ...service.env, ...placement.env };
  const open = Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const state = parts.data.serviceState(environment, service.name);
  await mkdir(state, { recursive: true, mode: 0o700 });
  const secret = {
    ...(service.database ? { DATABASE_URL: await parts.places.databaseUrl(environment, service.name) } : {}),
    ...(scope === null ? {} : await valuesOf(await secretsAsGiven(parts, release.id, environment), scope, given)),
  };
  const flagsOf = preview === undefined ? environment : preview.flags;
  const flags = flagsOf === null ? { env: {}, secrets: [] } : await parts.flagVariables(flagsOf, given);
  const outputs = await parts.stackOutputs?.(release, environment, service.name);
  const env = {
    ...flags.env,
    ...outputs?.env,
    ...Object.fromEntries(
      service.dependsOn
        .filter((name) => !isOfContracts(release, name))
        .map((name) => [urlVariable(name), parts.places.internalUrl(environment, name)]),
    ),
    ...(await contractVariables(parts.contractLedger, release, environment, service)),
    ...Object.fromEntries(open),
    ...secret,
    GIT_SHA: release.revision.sha,
    FAIRWAY_RELEASE: release.id,
    FAIRWAY_ENVIRONMENT: environment,
    FAIRWAY_SERVICE: service.name,
    [stateVariable]: state,
  };
  return { env, secrets: [...Object.values(secret), ...flags.secrets, ...(outputs?.secrets ?? [])] };
}

/** The secrets as the deployment of the release found them: a replica that is started later has what the others have. */
export async function secretsAsGiven(
  { secrets, secretsGiven }: PlaceParts,
  release: ReleaseId,
  environment: string,
): Promise<SecretSource> {
  if (secrets.lookUpAt === undefined || secretsGiven === undefined) return secrets;
  const versions = await secretsGiven(environment, release);
  return { lookUp: async (of, names) => (await secrets.lookUpAt?.(of, names, versions)) ?? {} };
}
