import type { Argv, AskedBalancer, AwsAccess, EnvironmentCheck, PlatformCheck, ScanSeverity } from "@fairway/core";
import { checkProgram } from "@fairway/core";
import type { Ledger } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { EnvironmentCheck as CheckConfig } from "./project-config.ts";
import { checkTimeout, duration } from "./resolve-service.ts";

/** Whom checks are asked of that no program of ours asks. */
export interface PlatformsAsked {
  /** Null where the environment names no account of AWS, which the rules refuse. */
  readonly access: AwsAccess | null;
  readonly balancers: readonly AskedBalancer[];
}

type PlatformConfig = Extract<
  CheckConfig,
  | { readonly alarms: unknown }
  | { readonly canary: unknown }
  | { readonly scan: unknown }
  | { readonly targets: unknown }
>;

export const isOfPlatform = (written: object): written is PlatformConfig =>
  "alarms" in written || "canary" in written || "scan" in written || "targets" in written;

/** A question that a platform answers, with what it is asked by. */
export function resolvePlatform(
  at: Path,
  written: PlatformConfig,
  asking: PlatformsAsked,
  ledger: Ledger,
): Omit<EnvironmentCheck, "name"> {
  const platform = questionOf(written, asking);
  const argv: Argv = [checkProgram, platform.asks, ...wordsOf(platform)];
  return {
    kind: platform.asks,
    platform,
    argv: ledger.own<Argv>([...at, platform.asks], argv, argv),
    directory: ".",
    timeout: duration([...at, "timeout"], written.timeout, checkTimeout, ledger),
    env: {},
  };
}

/** Without an account the rules refuse it, and nothing is asked. */
const nowhere: AwsAccess = { region: "", account: null, profile: null, role: null };

function questionOf(written: PlatformConfig, { access, balancers }: PlatformsAsked): PlatformCheck {
  if ("alarms" in written) return { asks: "alarms", access: access ?? nowhere, alarms: written.alarms };
  if ("canary" in written) return { asks: "canary", access: access ?? nowhere, canary: written.canary };
  if ("scan" in written) return { asks: "scan", failsAt: written.scan.toUpperCase() as ScanSeverity };
  return { asks: "targets", balancers };
}

function wordsOf(platform: PlatformCheck): readonly string[] {
  switch (platform.asks) {
    case "alarms":
      return platform.alarms;
    case "canary":
      return [platform.canary];
    case "scan":
      return [platform.failsAt.toLowerCase()];
    case "targets":
      return ["healthy"];
  }
}
