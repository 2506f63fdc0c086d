import {
  leastTimeOf,
  type Millis,
  needsTraffic,
  previewRules,
  type Placement,
  strategyProblems,
  type StrategyOptions,
} from "@fairway/core";
import { textOfMillis } from "./duration.ts";
import { type Path, textOfPath } from "./path.ts";
import { isHostedAnywhere } from "./resolve-hosted.ts";
import type { Finding } from "./problems.ts";
import type { ProjectConfig } from "./project-config.ts";
import type { RuleFacts } from "./rules.ts";

/** What cannot run as it is placed: clashing routes, impossible bounds, places where nothing runs. */
export const placementRules = (facts: RuleFacts): readonly Finding[] => [
  ...emptyEnvironments(facts),
  ...placedWithoutRun(facts),
  ...impossibleBounds(facts),
  ...analysisWithoutTraffic(facts),
  ...clashingRoutes(facts),
  ...clashingPreviews(facts),
  ...nothingToVerifyFirst(facts),
];

function emptyEnvironments({ resolved, incomplete }: RuleFacts): readonly Finding[] {
  if (incomplete) return [];
  return resolved.project.environments
    .filter(({ placements }) => placements.length === 0)
    .map(({ name }) => ({
      path: ["environments", name],
      part: "key",
      code: "missing",
      message: `nothing runs in ${name}: every service is disabled here or has no "run", "static" or "container"`,
      fix: "give a service a run command, or take the environment out",
    }));
}

function placedWithoutRun({ config }: RuleFacts): readonly Finding[] {
  return Object.entries(config.environments ?? {}).flatMap(([name, environment]) =>
    Object.keys(environment.services ?? {}).flatMap((service): readonly Finding[] => {
      const placed = config.services[service];
      if (placed === undefined || isDeployed(placed) || isHostedAnywhere(service, config)) return [];
      return [
        {
          path: ["environments", name, "services", service],
          part: "key",
          code: "impossible",
          message: `${service} is not deployed anywhere, because it has no "run", "static" or "container"`,
          fix: `give services.${service} a run command, or take this out`,
        },
      ];
    }),
  );
}

const isDeployed = ({ run, static: site, container, contracts }: ProjectConfig["services"][string]): boolean =>
  run !== undefined || container !== undefined || contracts !== undefined || (site ?? false) !== false;

/** What of one strategy cannot work, told once for each place where it was written. */
function impossibleBounds({ resolved }: RuleFacts): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const { name: environment, placements, deadline } of resolved.project.environments)
    for (const { service, strategy, replicas } of placements)
      for (const problem of [...strategyProblems(strategy, replicas), ...tooLong(strategy, deadline)]) {
        const path = writtenAt(resolved.settings, environment, service);
        const key = `${textOfPath(path)} ${problem}`;
        if (!found.has(key))
          found.set(key, {
            path,
            part: "value",
            code: "impossible",
            message: `${service} could not be rolled out in ${environment}: ${problem}`,
            fix: strategy.name === "rolling" ? "the default, 100 and 200, works at every size" : "change these options",
          });
      }
  return [...found.values()];
}

/** Where nobody reaches a service through the router, its figures would never tell anything. */
function analysisWithoutTraffic({ resolved }: RuleFacts): readonly Finding[] {
  const { services, environments } = resolved.project;
  const used = new Set(services.flatMap(({ dependsOn }) => dependsOn));
  return environments.flatMap(({ name: environment, placements }) =>
    placements.flatMap(({ service, strategy, routes }): readonly Finding[] => {
      const analysis = "analysis" in strategy ? strategy.analysis : undefined;
      if (analysis === undefined || !needsTraffic(analysis) || routes.length > 0 || used.has(service)) return [];
      return [
        {
          path: writtenAt(resolved.settings, environment, service),
          part: "value",
          code: "impossible",
          message: `${service} gets no requests in ${environment} by which its new release could be judged: it has no route, and no service depends on it`,
          fix: "give it a route, or judge it by queries alone",
        },
      ];
    }),
  );
}

/** The pauses alone must leave time to start and to stop. */
const tooLong = (strategy: StrategyOptions, deadline: Millis): readonly string[] =>
  leastTimeOf(strategy) < deadline
    ? []
    : [
        `its pauses take ${textOfMillis(leastTimeOf(strategy))}, and the environment's deadline is ${textOfMillis(deadline)}`,
      ];

function writtenAt(settings: RuleFacts["resolved"]["settings"], environment: string, service: string): Path {
  const origin = settings.get(`environments.${environment}.services.${service}.strategy.name`)?.origin;
  return origin === undefined || origin.from === "default" ? ["services", service] : origin.path;
}

function clashingRoutes({ resolved }: RuleFacts): readonly Finding[] {
  const taken = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { name: environment, placements } of resolved.project.environments)
    for (const placement of placements)
      for (const [index, { host, path }] of placement.routes.entries()) {
        const holder = taken.get(`${host} ${path}`);
        taken.set(`${host} ${path}`, holder ?? `${placement.service} in ${environment}`);
        if (holder === undefined) continue;
        findings.push({
          path: routeAt(environment, placement, index),
          part: "value",
          code: "clash",
          message: `${host}${path} belongs to ${holder} already`,
          fix: "give one of the two another host or path",
        });
      }
  return findings;
}

/** A preview must not take what somebody else is reached by. */
function clashingPreviews({ resolved }: RuleFacts): readonly Finding[] {
  const places = resolved.project.environments.flatMap(({ name: environment, placements }) =>
    placements.flatMap(({ service, routes, strategy }) => {
      const preview = "preview" in strategy ? previewRules(strategy.preview, routes) : [];
      const what = { environment, service };
      return [
        ...routes.map((rule) => ({ ...what, ...rule, isPreview: false })),
        ...preview.map((rule) => ({ ...what, ...rule, isPreview: true })),
      ];
    }),
  );
  return places.flatMap((place, index): readonly Finding[] => {
    if (!place.isPreview) return [];
    const holder = places.find(
      ({ host, path }, other) => other !== index && host === place.host && path === place.path,
    );
    if (holder === undefined) return [];
    return [
      {
        path: writtenAt(resolved.settings, place.environment, place.service),
        part: "value",
        code: "clash",
        message: `the preview of ${place.service} in ${place.environment} would be at ${place.host}${place.path}, which belongs to ${holder.service} in ${holder.environment}`,
        fix: "give the preview another host, or write `preview: true`",
      },
    ];
  });
}

function nothingToVerifyFirst({ resolved }: RuleFacts): readonly Finding[] {
  return resolved.project.environments.flatMap(({ name: environment, placements, verify }) =>
    placements.flatMap(({ service, strategy }): readonly Finding[] => {
      if (verify.length > 0 || !("verifyFirst" in strategy) || strategy.verifyFirst !== true) return [];
      return [
        {
          path: writtenAt(resolved.settings, environment, service),
          part: "value",
          code: "impossible",
          message: `${service} is to be verified in ${environment} before it gets traffic, and ${environment} has no "verify" commands`,
          fix: `give environments.${environment} its verify commands, or take verifyFirst out`,
        },
      ];
    }),
  );
}

const routeAt = (environment: string, { service }: Placement, index: number): Path => [
  "environments",
  environment,
  "services",
  service,
  "routes",
  index,
];
