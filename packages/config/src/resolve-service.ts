import { posix } from "node:path";
import {
  type Argv,
  type Build,
  type CheckReport,
  type Command,
  contractsCommand,
  hostedCommand,
  defaultHealth,
  type HealthCheck,
  imageCommand,
  type Millis,
  type ReplicaLimits,
  type Service,
  type ServiceCheck,
  type ServiceContainer,
  staticCommand,
  type Value,
} from "@fairway/core";
import { bytesOf } from "./bytes.ts";
import { argvOf } from "./command-of.ts";
import { millisOf } from "./duration.ts";
import type { Ledger } from "./ledger.ts";
import { isRecord, type Path } from "./path.ts";
import { resolveContracts } from "./resolve-contracts.ts";
import { resolveMigrations } from "./resolve-migrations.ts";
import { resolveStrategy } from "./resolve-strategy.ts";
import type { CheckConfig, Health, Report, ServiceConfig, TimedCommand } from "./project-config.ts";

const second: Millis = 1000;
/** For a check that says nothing of it. */
export const checkTimeout: Millis = 10 * 60 * second;
const buildTimeout: Millis = 20 * 60 * second;
const stopTimes = { drain: 30 * second, grace: 30 * second };

/** A service with every default filled in, each value noted in the ledger. */
export function resolveService(
  name: string,
  config: ServiceConfig,
  ledger: Ledger,
  /** Whether a platform serves it somewhere. */
  isHosted: boolean,
): Service {
  const at: Path = ["services", name];
  const health = resolveHealth([...at, "health"], config.health, ledger);
  return {
    name,
    path: ledger.own([...at, "path"], normalPath(config.path), "."),
    dependsOn: ledger.own([...at, "dependsOn"], config.dependsOn, []),
    requires: ledger.own([...at, "requires"], config.requires, []),
    prepare: resolveCommands([...at, "prepare"], config.prepare, ledger),
    checks: resolveServiceChecks([...at, "checks"], config.checks, ledger),
    build: resolveBuild([...at, "build"], config.build, ledger),
    ...resolveContainer([...at, "container"], config.container, ledger),
    ...resolveContracts([...at, "contracts"], name, config.contracts, ledger),
    run: resolveRun(at, config, health, ledger, isHosted),
    health,
    stop: {
      drain: duration([...at, "stop", "drain"], config.stop?.drain, stopTimes.drain, ledger),
      grace: duration([...at, "stop", "grace"], config.stop?.grace, stopTimes.grace, ledger),
    },
    database: ledger.own([...at, "database"], config.database, false),
    ...resolveMigrations([...at, "migrations"], config, ledger, (path, command) =>
      resolveCommand(path, command, buildTimeout, ledger),
    ),
    env: resolveValues([...at, "env"], config.env, ledger),
    replicas: ledger.own([...at, "replicas"], config.replicas, 1),
    ...resolveLimits([...at, "limits"], config.limits, ledger),
    strategy: resolveStrategy([...at, "strategy"], config.strategy, ledger, (path) => ({ from: "written", path })),
  };
}

/** Named commands in the order in which they were written. */
export function resolveChecks(
  at: Path,
  checks: Readonly<Record<string, TimedCommand>> | undefined,
  ledger: Ledger,
): readonly ServiceCheck[] {
  return Object.entries(checks ?? {}).map(([name, command]) => ({
    name,
    ...resolveCommand([...at, name], command, checkTimeout, ledger),
  }));
}

/** The same with what they wait for and report; nothing where nothing is said, as before there was any of it. */
function resolveServiceChecks(
  at: Path,
  checks: Readonly<Record<string, CheckConfig>> | undefined,
  ledger: Ledger,
): readonly ServiceCheck[] {
  return Object.entries(checks ?? {}).map(([name, written]) => {
    const { needs, requires, report } = isRecord(written) ? written : {};
    const here = [...at, name];
    return {
      name,
      ...resolveCommand(here, written, checkTimeout, ledger),
      ...(needs === undefined || needs.length === 0 ? {} : { needs: ledger.own([...here, "needs"], needs, needs) }),
      ...(requires === undefined || requires.length === 0
        ? {}
        : { requires: ledger.own([...here, "requires"], requires, requires) }),
      ...(report === undefined ? {} : { report: ledger.own([...here, "report"], reportOf(report), reportOf(report)) }),
    };
  });
}

/** What a report is read from. */
export const reportOf = (written: Report): CheckReport =>
  typeof written === "string" ? { tool: written } : { format: written.format, file: normalPath(written.file) };

/** A span of time in milliseconds. */
export function duration(
  at: Path,
  written: string | number | undefined,
  standard: Millis,
  ledger: Ledger,
  writtenAt: Path = at,
): Millis {
  return ledger.own(at, written === undefined ? undefined : millisOf(written), standard, writtenAt);
}

/** The path without `./`, double slashes and a slash at its end. */
export function normalPath(path: string): string;
export function normalPath(path: string | undefined): string | undefined;
export function normalPath(path: string | undefined): string | undefined {
  return path === undefined ? undefined : posix.normalize(path).replace(/(?<=.)\/$/u, "");
}

/** A command with its place, time and variables. */
export function resolveCommand(
  at: Path,
  written: TimedCommand | CheckConfig,
  timeout: Millis,
  ledger: Ledger,
): Command {
  const alone = !isRecord(written);
  const command = isRecord(written) ? written : { command: written };
  return {
    argv: ledger.own(
      [...at, "command"],
      argvOf(command.command),
      argvOf(command.command),
      alone ? at : [...at, "command"],
    ),
    directory: ledger.own([...at, "cwd"], normalPath(command.cwd), "."),
    timeout: duration([...at, "timeout"], command.timeout, timeout, ledger),
    env: resolveValues([...at, "env"], command.env, ledger),
  };
}

const resolveCommands = (at: Path, commands: readonly TimedCommand[] | undefined, ledger: Ledger): readonly Command[] =>
  (commands ?? []).map((command, index) => resolveCommand([...at, index], command, buildTimeout, ledger));

function resolveBuild(at: Path, build: ServiceConfig["build"], ledger: Ledger): Build {
  return {
    commands: resolveCommands([...at, "commands"], build?.commands, ledger),
    output: ledger.own([...at, "output"], normalPath(build?.output), "."),
    inputs: ledger.own(
      [...at, "inputs"],
      build?.inputs?.map((path) => normalPath(path)),
      ["."],
    ),
  };
}

/** What starts a replica: a command of the project's own, or the server of its files. */
function resolveRun(
  at: Path,
  { run, static: site, container, contracts }: ServiceConfig,
  health: HealthCheck,
  ledger: Ledger,
  isHosted: boolean,
): Argv | null {
  if (contracts !== undefined)
    return ledger.own<Argv | null>([...at, "run"], contractsCommand, null, [...at, "contracts"]);
  if (container !== undefined && run === undefined)
    return ledger.own<Argv | null>([...at, "run"], imageCommand, null, [...at, "container"]);
  if (isHosted && run === undefined && (site ?? false) === false)
    return ledger.own<Argv | null>([...at, "run"], undefined, hostedCommand);
  if (site === undefined || site === false)
    return ledger.own<Argv | null>([...at, "run"], run === undefined ? undefined : argvOf(run), null);
  const fallback = site === true ? null : (normalPath(site.fallback) ?? null);
  return ledger.own([...at, "run"], staticCommand({ fallback, healthPath: health.path }), null, [...at, "static"]);
}

/** Nothing where there is none, so that such a service is the same as before there were containers. */
function resolveContainer(
  at: Path,
  written: ServiceConfig["container"],
  ledger: Ledger,
): { readonly container?: ServiceContainer } {
  if (written === undefined) return {};
  return {
    container: {
      image: ledger.own<string | null>([...at, "image"], written.image, null),
      dockerfile: ledger.own([...at, "dockerfile"], normalPath(written.dockerfile), "Dockerfile"),
      context: ledger.own([...at, "context"], normalPath(written.context), "."),
      args: ledger.own<Readonly<Record<string, string>>>([...at, "args"], written.args, {}),
      port: ledger.own<number | null>([...at, "port"], written.port, null),
      ...(written.platforms === undefined
        ? {}
        : { platforms: ledger.own([...at, "platforms"], written.platforms, written.platforms) }),
      ...(written.secretFiles === undefined
        ? {}
        : { secretFiles: ledger.own([...at, "secretFiles"], written.secretFiles, written.secretFiles) }),
    },
  };
}

function resolveHealth(at: Path, health: Health | undefined, ledger: Ledger): HealthCheck {
  const given = typeof health === "object" ? health : { path: health };
  const pathAt = typeof health === "object" ? [...at, "path"] : at;
  return {
    path: ledger.own([...at, "path"], given.path, defaultHealth.path, pathAt),
    interval: duration([...at, "interval"], given.interval, defaultHealth.interval, ledger),
    timeout: duration([...at, "timeout"], given.timeout, defaultHealth.timeout, ledger),
    startWithin: duration([...at, "startWithin"], given.startWithin, defaultHealth.startWithin, ledger),
  };
}

/** Nothing where nothing is limited, so that such a service is the same as before there were limits. */
function resolveLimits(at: Path, config: ServiceConfig["limits"], ledger: Ledger): { readonly limits?: ReplicaLimits } {
  const memory = config?.memory === undefined ? undefined : bytesOf(config.memory);
  const given = { memory, cpus: config?.cpus, files: config?.files };
  const limits = Object.entries(given).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [[key, ledger.note([...at, key], value, { from: "written", path: [...at, key] })] as const],
  );
  return limits.length === 0 ? {} : { limits: Object.fromEntries(limits) };
}

/** Variables, as they were written. */
export function resolveValues(
  at: Path,
  values: Readonly<Record<string, Value>> | undefined,
  ledger: Ledger,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [name, ledger.own([...at, name], value, value)]),
  );
}
