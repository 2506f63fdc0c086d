import { defaultRolling } from "../deployment/strategies/rolling.ts";
import type { RouteRule } from "../deployment/traffic-router.ts";
import { FairwayError } from "../errors.ts";
import type { ProjectPreviews } from "../project/project-previews.ts";
import type { Command, Environment, Placement, Project } from "../project/project.ts";
import { environmentOf, serviceOf } from "../project/project.ts";
import type { Hosted } from "../hosted/hosted-placement.ts";
import { isHostedCommand } from "../hosted/hosted-placement.ts";
import { ecsPreviewPlacement } from "./ecs-previews.ts";

/** What makes an environment a preview. */
export interface EnvironmentPreview {
  /** The name of its host. */
  readonly host: string;
  /** Whose secrets its services may name; null where they get none at all. */
  readonly secrets: string | null;
  /** The environment whose feature flags its services see; null for none. */
  readonly flags: string | null;
  /** By service, what fills its new database; absent where nothing does. */
  readonly seed?: Readonly<Record<string, Command>> | undefined;
}

/** The scope of secrets that all previews share, and nothing else does. */
export const previewSecrets = "previews";

/** What is asked for: which preview, and how far its commit is trusted. */
export interface PreviewWish {
  /** The first part of its host and the name of its environment: `pr-12`. */
  readonly name: string;
  readonly purpose: string;
  readonly settings: ProjectPreviews;
  /** Whether the commit comes from somebody who may push here. What does not gets no secrets, nor whoever builds it. */
  readonly trusted: boolean;
  /** The origin under which the public reaches a host. */
  readonly urlOf: (host: string, path: string) => string;
}

/** The name of a pull request's preview: of its number alone, whatever its branch is called. */
export const previewOfPull = (number: number): string => `pr-${number}`;

/**
 * The project of a commit as its preview has it: the preview is its only environment, so nothing of the release can ever go
 * anywhere else, and what reaches beyond it (infrastructure, the forge, notices, triggers) is not there. Throws `not_found`
 * when the commit has not the environment that previews begin from.
 */
export function previewProject(project: Project, wish: PreviewWish): Project {
  const { settings, trusted } = wish;
  const base = environmentOf(project, settings.inherits);
  if (base === undefined)
    throw new FairwayError(
      "not_found",
      `this commit has no environment "${settings.inherits}" to begin a preview from`,
      {
        hint: `it has ${project.environments.map(({ name }) => name).join(", ")}`,
      },
    );
  const made: Project = {
    name: project.name,
    ...(trusted && project.registry !== undefined ? { registry: project.registry } : {}),
    services: project.services,
    environments: [previewEnvironment(project, base, wish)],
  };
  return trusted ? made : withoutSecrets(made);
}

function previewEnvironment(project: Project, base: Environment, wish: PreviewWish): Environment {
  const { name, purpose, settings, trusted, urlOf } = wish;
  const hosts = hostsOf(project, base, wish);
  const placements = base.placements.flatMap((placement) => placementOf(project, placement, wish, hosts));
  const host = `${name}.${settings.domain}`;
  const front = placements.find(({ routes }) => routes.some((rule) => rule.host === host));
  const known = new Set(project.services.map((service) => service.name));
  const seed = Object.fromEntries(Object.entries(settings.database.seed).filter(([service]) => known.has(service)));
  return {
    name,
    purpose,
    url:
      front?.ecs !== undefined && settings.ecs !== undefined
        ? `${settings.ecs.protocol}://${host}/`
        : front?.httpsOnly === true
          ? `https://${host}/`
          : urlOf(host, "/"),
    deploys: "on-request",
    promotesFrom: null,
    approvals: 0,
    // Pushes come one after another, and which of them counts is decided before one is deployed.
    queue: "all",
    // A commit that did not start may be tried again; nothing else has its digest.
    quarantine: "rollbacks",
    deadline: base.deadline,
    variables: { ...base.variables, ...settings.variables },
    verify: [],
    placements,
    preview: {
      host,
      secrets: trusted ? previewSecrets : null,
      flags: trusted ? settings.flags : null,
      ...(Object.keys(seed).length === 0 ? {} : { seed }),
    },
  };
}

function placementOf(
  project: Project,
  { strategy: _of, ecs, hosted, env, routes, replicas, ...rest }: Placement,
  { name, trusted, settings: { replicas: most, variables, ecs: onEcs } }: PreviewWish,
  hosts: ReadonlyMap<string, string>,
): readonly Placement[] {
  // What only a platform runs is nowhere without its token.
  const run = serviceOf(project, rest.service)?.run ?? null;
  if (!trusted && run !== null && isHostedCommand(run)) return [];
  const rules = routes.map(({ host, path }): RouteRule => ({ host: hosts.get(host) ?? host, path }));
  return [
    {
      ...rest,
      replicas: Math.min(replicas, most),
      // Nobody waits at a step of a preview.
      strategy: defaultRolling,
      env: { ...env, ...variables },
      routes: rules.filter(
        (rule, index) => rules.findIndex((other) => other.host === rule.host && other.path === rule.path) === index,
      ),
      ...(hosted === undefined || !trusted ? {} : { hosted: previewOn(hosted, name) }),
      // Without a place there it is on this machine, and so is what strangers wrote: their images go to no registry.
      ...(ecs === undefined || onEcs === undefined || !trusted
        ? {}
        : { ecs: ecsPreviewPlacement(onEcs, ecs, name, rest.service) }),
    },
  ];
}

/** The same place with an address of the preview's own; what its base leads to stays as it is. */
function previewOn(hosted: Hosted, name: string): Hosted {
  switch (hosted.platform) {
    case "vercel":
      return { ...hosted, target: "preview", domains: [`${hosted.project}-${name}.vercel.app`], url: null };
    case "netlify":
      return { ...hosted, branch: name, url: null };
  }
}

/**
 * For each host of the environment the preview's. What shares a host there shares one here; the front's is the preview's own,
 * and the others are one label too, which a certificate for `*.domain` covers.
 */
function hostsOf(project: Project, { placements }: Environment, { name, settings }: PreviewWish): Map<string, string> {
  const routed = placements.filter(({ routes }) => routes.length > 0);
  const order = project.services.map((service) => service.name);
  const last = routed.toSorted((a, b) => order.indexOf(a.service) - order.indexOf(b.service)).at(-1);
  const front = routed.find(({ service }) => service === settings.front) ?? last;
  const hosts = new Map<string, string>();
  const taken = new Set<string>();
  const give = (host: string, label: string): void => {
    if (hosts.has(host)) return;
    let free = label;
    for (let next = 2; taken.has(free); next++) free = label.replace("--", `-${next}--`);
    taken.add(free);
    hosts.set(host, `${free}.${settings.domain}`);
  };
  const [own] = front?.routes ?? [];
  if (own !== undefined) give(own.host, name);
  for (const { service, routes } of routed) for (const { host } of routes) give(host, `${service}--${name}`);
  return hosts;
}

/** The project with every value gone that names a secret, wherever it stands; who writes it decides nothing about that. */
export const withoutSecrets = (project: Project): Project => stripped(project) as Project;

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !namesSecret(item)).map(stripped);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => !namesSecret(item))
      .map(([key, item]) => [key, stripped(item)]),
  );
}

const namesSecret = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, "secret");

/** Whose secrets an environment of a project gets; null for one that gets none. */
export function secretScopeOf(project: Project, environment: string): string | null {
  const preview = environmentOf(project, environment)?.preview;
  return preview === undefined ? environment : preview.secrets;
}

/** Whether a project is what a preview of somebody's is made of who may not push here. */
export const isUntrusted = ({ environments }: Project): boolean =>
  environments.some(({ preview }) => preview !== undefined && preview.secrets === null);

/** The preview that a project was made for; null for every other. */
export const previewNameOf = ({ environments }: Project): string | null =>
  environments.find(({ preview }) => preview !== undefined)?.name ?? null;
