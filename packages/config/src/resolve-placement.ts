import type { Placement, RouteLimits, RouteRule, Service, Value } from "@fairway/core";
import { isHostedCommand } from "@fairway/core";
import { bytesOf } from "./bytes.ts";
import { millisOf } from "./duration.ts";
import type { Candidate, Ledger, Origin } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { EnvironmentConfig, PlacementConfig, Requests } from "./project-config.ts";
import { resolveBalancer } from "./resolve-aws.ts";
import { resolveChain } from "./resolve-contracts.ts";
import { resolveEcs } from "./resolve-ecs.ts";
import { resolveHosted } from "./resolve-hosted.ts";
import { resolveStrategy } from "./resolve-strategy.ts";

/** An environment and those it inherits from, nearest first; each with the origin of what is written in it. */
export interface Layer {
  readonly name: string;
  readonly config: EnvironmentConfig;
  readonly origin: (path: Path) => Origin;
}

/** A service in an environment; none where it is not wanted there. */
export function resolvePlacement(
  environment: Path,
  service: Service,
  serviceStrategy: PlacementConfig["strategy"],
  layers: readonly Layer[],
  ledger: Ledger,
): readonly Placement[] {
  const at: Path = [...environment, "services", service.name];
  const places = layers.map((layer) => ({
    ...layer,
    at: ["environments", layer.name, "services", service.name],
    config: layer.config.services?.[service.name] ?? {},
    scale: layer.config.scale,
    variables: layer.config.variables,
  }));
  const candidates = <Key extends keyof PlacementConfig>(key: Key): readonly Candidate<PlacementConfig[Key]>[] =>
    places.map((place) => ({ value: place.config[key], origin: place.origin([...place.at, key]) }));

  if (!ledger.choose([...at, "enabled"], candidates("enabled"), true)) return [];
  // Contracts are where a chain is named, and nowhere else.
  const hasContracts = service.contracts !== undefined;
  if (hasContracts && layers[0]?.config.services?.[service.name]?.chain === undefined) return [];
  // The same for what only platforms run.
  const hosted = resolveHosted(environment, service.name, layers[0]?.config ?? {}, ledger);
  if (service.run !== null && isHostedCommand(service.run) && hosted.hosted === undefined) return [];

  const replicas = ledger.choose<number | undefined>(
    [...at, "replicas"],
    [...candidates("replicas"), fromService(ledger, service, "replicas")],
    undefined,
  );
  const asked = replicas ?? service.replicas;
  const factor = scaleOf(places);
  const copies = scaled(asked, factor);
  if (copies !== asked)
    ledger.note([...at, "replicas"], copies, ledger.originOf([...at, "replicas"]), `${asked} × ${factor} by scale`);
  const strategyPlace = places.find((place) => place.config.strategy !== undefined);
  const strategy =
    strategyPlace !== undefined
      ? resolveStrategy(
          [...at, "strategy"],
          strategyPlace.config.strategy,
          ledger,
          (path) => strategyPlace.origin(path),
          [...strategyPlace.at, "strategy"],
        )
      : resolveStrategy([...at, "strategy"], serviceStrategy, ledger, (path) => ({ from: "service", path }), [
          "services",
          service.name,
          "strategy",
        ]);
  const env = layered(
    [...at, "env"],
    [
      { values: service.env, origin: (key) => ({ from: "service", path: ["services", service.name, "env", key] }) },
      ...places.toReversed().map((place) => ({
        values: place.variables,
        origin: (key: string) => place.origin(["environments", place.name, "variables", key]),
      })),
      ...places.toReversed().map((place) => ({
        values: place.config.env,
        origin: (key: string) => place.origin([...place.at, "env", key]),
      })),
    ],
    ledger,
  );
  const httpsOnly = ledger.choose([...at, "httpsOnly"], candidates("httpsOnly"), false);
  return [
    {
      service: service.name,
      replicas: copies,
      strategy,
      env,
      routes: hasContracts
        ? []
        : resolveRoutes([...at, "routes"], service.name, String(environment[1]), candidates("routes"), ledger),
      ...resolveRequests([...at, "requests"], candidates("requests"), ledger),
      ...(httpsOnly === true ? { httpsOnly } : {}),
      ...resolveChain([...at, "chain"], layers[0]?.config.services?.[service.name]?.chain, ledger),
      ...resolveEcs(environment, service.name, layers[0]?.config.ecs, ledger),
      ...(hasContracts || hosted.hosted !== undefined
        ? {}
        : resolveBalancer(environment, service, layers[0]?.config ?? {}, ledger)),
      ...hosted,
    },
  ];
}

const mostReplicas = 100;

/** By every environment between this one and where the number was written. */
function scaleOf(places: readonly { readonly config: PlacementConfig; readonly scale: number | undefined }[]): number {
  const written = places.findIndex(({ config }) => config.replicas !== undefined);
  const between = places.slice(0, written === -1 ? places.length : written);
  return between.reduce((product, { scale = 1 }) => product * scale, 1);
}

/** Rounded up, so that what has any keeps one. What decimals make of a tenth of thirty is no thirty-first of it. */
const scaled = (replicas: number, factor: number): number =>
  replicas === 0 || factor === 1 ? replicas : Math.min(mostReplicas, Math.max(1, Math.ceil(replicas * factor - 1e-9)));

/** Each limit from the nearest place that has it; nothing where there is none, as before there were limits. */
function resolveRequests(
  at: Path,
  candidates: readonly Candidate<PlacementConfig["requests"]>[],
  ledger: Ledger,
): { readonly requests?: RouteLimits } {
  const limit = <T>(key: keyof RouteLimits, understood: (written: Requests) => T | undefined): object => {
    const found = candidates.flatMap(({ value, origin }) => {
      const limited = value === undefined ? undefined : understood(value);
      if (limited === undefined || origin.from === "default") return [];
      return [{ value: limited, origin: { ...origin, path: [...origin.path, key] } }];
    })[0];
    return found === undefined ? {} : { [key]: ledger.note([...at, key], found.value, found.origin) };
  };
  const requests: RouteLimits = {
    ...limit("requestRate", ({ requestRate }) => requestRate),
    ...limit("bodyBytes", ({ bodyBytes }) => sizeOf(bodyBytes)),
    ...limit("headBytes", ({ headBytes }) => sizeOf(headBytes)),
    ...limit("answerWithin", ({ answerWithin }) => (answerWithin === undefined ? undefined : millisOf(answerWithin))),
  };
  return Object.keys(requests).length === 0 ? {} : { requests };
}

const sizeOf = (written: number | string | undefined): number | undefined =>
  typeof written === "string" ? bytesOf(written) : written;

/** What the service says for everywhere; a default of the service stays a default. */
function fromService(ledger: Ledger, service: Service, key: "replicas"): Candidate<number> {
  const setting = ledger.settings.get(`services.${service.name}.${key}`);
  const origin = setting?.origin;
  return {
    value: service[key],
    origin: origin?.from === "written" ? { from: "service", path: origin.path } : { from: "default" },
  };
}

/** Values laid over each other, the later ones on top. */
export function layered(
  at: Path,
  layers: readonly {
    readonly values: Readonly<Record<string, Value>> | undefined;
    readonly origin: (key: string) => Origin;
  }[],
  ledger: Ledger,
): Readonly<Record<string, Value>> {
  const merged = new Map<string, Value>();
  for (const { values, origin } of layers)
    for (const [key, value] of Object.entries(values ?? {}))
      merged.set(key, ledger.note([...at, key], value, origin(key)));
  return Object.fromEntries(merged);
}

/** A route belongs to one environment, so only the wish to have none is inherited. */
function resolveRoutes(
  at: Path,
  service: string,
  environment: string,
  candidates: readonly Candidate<PlacementConfig["routes"]>[],
  ledger: Ledger,
): readonly RouteRule[] {
  const [own, ...inherited] = candidates;
  const usable = [
    ...(own ? [own] : []),
    ...inherited
      .filter(({ value }) => value !== undefined)
      .slice(0, 1)
      .filter(({ value }) => value?.length === 0),
  ];
  const routes = ledger.choose(at, usable, [{ host: `${service}.${environment}.localhost`, path: "/" }]);
  return (routes ?? []).map(({ host, path = "/" }) => ({ host, path: path.replace(/(?<=.)\/+$/u, "") }));
}
