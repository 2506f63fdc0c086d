import type { Argv, CheckKind, EnvironmentCheck, Millis, PlatformCheck, SyntheticCheck } from "@fairway/core";
import { checkProgram, ownLocation } from "@fairway/core";
import { millisOf } from "./duration.ts";
import type { Ledger } from "./ledger.ts";
import type { PlatformsAsked } from "./resolve-platform-check.ts";
import { isOfPlatform, resolvePlatform } from "./resolve-platform-check.ts";
import type { Path } from "./path.ts";
import type { EnvironmentCheck as CheckConfig, LoadCheck, SyntheticConfig } from "./project-config.ts";
import { checkTimeout, duration, normalPath, reportOf, resolveCommand, resolveValues } from "./resolve-service.ts";

const minute: Millis = 60_000;
const hour: Millis = 60 * minute;

/** Everything but a command. */
type LiveConfig = Extract<
  CheckConfig,
  | { readonly collection: string }
  | { readonly http: unknown }
  | { readonly smoke: unknown }
  | { readonly journey: string }
  | { readonly load: LoadCheck }
>;

/** What is asked of what runs, in the order in which it was written. What is no command is asked by Fairway's own program. */
export function resolveEnvironmentChecks(
  at: Path,
  checks: Readonly<Record<string, CheckConfig>> | undefined,
  asking: PlatformsAsked,
  ledger: Ledger,
): readonly EnvironmentCheck[] {
  return Object.entries(checks ?? {}).map(([name, written]) => {
    const here = [...at, name];
    if (
      typeof written === "string" ||
      Array.isArray(written) ||
      !("retries" in written || isLive(written) || isOfPlatform(written) || "report" in written)
    )
      return { name, ...resolveCommand(here, written as Parameters<typeof resolveCommand>[1], checkTimeout, ledger) };
    const given = written;
    const retries =
      given.retries === undefined || given.retries === 0
        ? {}
        : { retries: ledger.own([...here, "retries"], given.retries, given.retries) };
    if (isOfPlatform(given)) return { name, ...resolvePlatform(here, given, asking, ledger), ...retries };
    if (isLive(given)) return { name, ...resolveLive(here, given, ledger), ...retries };
    const { report } = given;
    return {
      name,
      ...resolveCommand(here, given, checkTimeout, ledger),
      ...(report === undefined ? {} : { report: ledger.own([...here, "report"], reportOf(report), reportOf(report)) }),
      ...retries,
    };
  });
}

const isLive = (written: object): written is LiveConfig =>
  "collection" in written || "http" in written || "smoke" in written || "journey" in written || "load" in written;

function resolveLive(at: Path, written: LiveConfig, ledger: Ledger): Omit<EnvironmentCheck, "name"> {
  const { kind, words } = wordsOf(written);
  const argv: Argv = [checkProgram, kind, ...words];
  return {
    kind,
    argv: ledger.own<Argv>([...at, kind], argv, argv),
    directory: ".",
    timeout: duration([...at, "timeout"], written.timeout, checkTimeout, ledger),
    env: resolveValues([...at, "env"], written.env, ledger),
    report: { tool: checkProgram },
  };
}

function wordsOf(written: LiveConfig): {
  readonly kind: Exclude<CheckKind, "command" | PlatformCheck["asks"]>;
  readonly words: readonly string[];
} {
  if ("collection" in written) {
    const { collection, variables, data, folder } = written;
    return {
      kind: "collection",
      words: [
        normalPath(collection),
        ...option("variables", variables && normalPath(variables)),
        ...option("data", data && normalPath(data)),
        ...option("folder", folder),
      ],
    };
  }
  if ("http" in written) return { kind: "http", words: [written.http].flat().map((file) => normalPath(file)) };
  if ("journey" in written) return { kind: "journey", words: [normalPath(written.journey)] };
  if ("smoke" in written) {
    const { path, field, services } = written.smoke === true ? {} : written.smoke;
    return {
      kind: "smoke",
      words: [
        ...option("path", path),
        ...option("field", field),
        ...(services ?? []).flatMap((service) => option("service", service)),
      ],
    };
  }
  return { kind: "load", words: loadWords(written.load) };
}

function loadWords(load: LoadCheck): readonly string[] {
  const { service, path, connections, errors, slower } = load;
  const millis = (written: string | number | undefined): string | undefined =>
    written === undefined ? undefined : String(millisOf(written));
  return [
    ...option("service", service),
    ...option("path", path),
    ...option("connections", connections?.toString()),
    ...option("duration", millis(load.duration)),
    ...option("p95", millis(load.p95)),
    ...option("p99", millis(load.p99)),
    ...option("errors", errors?.toString()),
    ...option("slower", slower?.toString()),
  ];
}

/** With an equals sign: what begins with a dash stays a value. */
const option = (name: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [`--${name}=${value}`];

/** Nothing where there are none, so that such an environment is the same as before there were any. */
export function resolveSynthetics(
  at: Path,
  written: Readonly<Record<string, SyntheticConfig>> | undefined,
  ledger: Ledger,
): { readonly synthetics?: readonly SyntheticCheck[] } {
  const all = Object.entries(written ?? {});
  if (all.length === 0) return {};
  return {
    synthetics: all.map(([name, { journey, every, locations, timeout, env }]) => {
      const here = [...at, name];
      const argv: Argv = [checkProgram, "journey", normalPath(journey)];
      return {
        name,
        argv: ledger.own<Argv>([...here, "journey"], argv, argv),
        directory: ".",
        every: duration([...here, "every"], every, hour, ledger),
        locations: ledger.own([...here, "locations"], locations && [...new Set(locations)], [ownLocation]),
        timeout: duration([...here, "timeout"], timeout, minute, ledger),
        env: resolveValues([...here, "env"], env, ledger),
      };
    }),
  };
}
