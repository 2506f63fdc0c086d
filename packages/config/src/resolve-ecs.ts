import type { EcsPlacement } from "@fairway/core";
import { millisOf } from "./duration.ts";
import type { Ledger } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { EcsConfig, EcsServiceConfig } from "./project-config.ts";

/** Where a service runs on ECS; nothing where it does not. Never inherited: another environment is another cluster. */
export function resolveEcs(
  environment: Path,
  service: string,
  written: EcsConfig | undefined,
  ledger: Ledger,
): { readonly ecs?: EcsPlacement } {
  const here = written?.services[service];
  if (written === undefined || here === undefined) return {};
  const at: Path = [...environment, "ecs"];
  const shared = <T>(key: keyof EcsConfig, value: T | undefined, standard: T): T =>
    ledger.own<T>([...at, key], value, standard);
  const own = <T>(key: string, value: T | undefined, standard: T): T =>
    ledger.own<T>([...at, "services", service, key], value, standard);
  return {
    ecs: {
      region: shared("region", written.region, ""),
      account: shared<string | null>("account", written.account, null),
      profile: shared<string | null>("profile", written.profile, null),
      role: shared<string | null>("role", written.role, null),
      ...(written.identity === undefined ? {} : { identity: shared("identity", written.identity, "fairway") }),
      cluster: shared("cluster", written.cluster, ""),
      poll: shared("poll", written.poll === undefined ? undefined : (millisOf(written.poll) ?? undefined), 15_000),
      service: own("service", here.service, service),
      family: own<string | null>("family", here.family, null),
      container: own<string | null>("container", here.container, null),
      alarms: own<readonly string[]>("alarms", here.alarms, []),
      ...migrateOf(here.migrate, [...at, "services", service, "migrate"], ledger),
      codeDeploy: own<EcsPlacement["codeDeploy"]>("codeDeploy", codeDeployOf(here.codeDeploy), null),
    },
  };
}

const codeDeployOf = (written: EcsServiceConfig["codeDeploy"]): EcsPlacement["codeDeploy"] | undefined =>
  written === undefined
    ? undefined
    : {
        application: written.application,
        group: written.group,
        configuration: written.configuration ?? null,
        hooks: written.hooks ?? {},
      };

const quarterHour = 900_000;

function migrateOf(written: EcsServiceConfig["migrate"], at: Path, ledger: Ledger): Pick<EcsPlacement, "migrate"> {
  if (written === undefined) return {};
  const timeout = written.timeout === undefined ? undefined : (millisOf(written.timeout) ?? undefined);
  return {
    migrate: {
      command: ledger.own<readonly string[]>([...at, "command"], written.command, []),
      timeout: ledger.own([...at, "timeout"], timeout, quarterHour),
    },
  };
}
