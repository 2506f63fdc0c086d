import type { ProjectPreviews } from "@fairway/core";
import { millisOf } from "./duration.ts";
import type { Ledger } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { ProjectConfig } from "./project-config.ts";
import { resolveEcsPreviews } from "./resolve-ecs-previews.ts";
import { resolveChecks } from "./resolve-service.ts";

const at: Path = ["previews"];

/** Nothing where there are none, so that such a project is the same as before there were previews. */
export function resolvePreviews(config: ProjectConfig, ledger: Ledger): ProjectPreviews | undefined {
  const written = config.previews;
  if (written === undefined) return undefined;
  const [first = ""] = Object.keys(config.environments ?? {});
  const { database = {} } = written;
  const span = (key: "endAfter" | "sleepAfter", value: string | number | undefined, standard: string): number =>
    millisOf(ledger.own<string | number>([...at, key], value, standard)) ?? 0;
  const seed = resolveChecks([...at, "database", "seed"], database.seed, ledger);
  const inherits = ledger.own([...at, "inherits"], written.inherits, first);
  return {
    inherits,
    domain: ledger.own([...at, "domain"], written.domain, "fairway.localhost"),
    front: ledger.own<string | null>([...at, "front"], written.front, null),
    replicas: ledger.own([...at, "replicas"], written.replicas, 1),
    variables: ledger.own([...at, "variables"], written.variables, {}),
    flags: ledger.own<string | null>([...at, "flags"], written.flags, null),
    database: {
      per: ledger.own<"database" | "schema">([...at, "database", "per"], database.per, "database"),
      copyOf: ledger.own([...at, "database", "copyOf"], database.copyOf, {}),
      seed: Object.fromEntries(seed.map(({ name, ...command }) => [name, command])),
    },
    ...resolveEcsPreviews(config, inherits, ledger),
    pullRequests: ledger.own([...at, "pullRequests"], written.pullRequests, true),
    forks: ledger.own<"never" | "approve">([...at, "forks"], written.forks, "approve"),
    most: ledger.own([...at, "most"], written.most, 10),
    sleepAfter:
      written.sleepAfter === false
        ? ledger.own<null | number>([...at, "sleepAfter"], null, null)
        : span("sleepAfter", written.sleepAfter, "30m"),
    endAfter: span("endAfter", written.endAfter, "72h"),
  };
}
