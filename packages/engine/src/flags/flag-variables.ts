import type { Value } from "@fairway/core";
import type { FlagControl } from "./flag-control.ts";

/** What a service finds the flags of its environment by. */
export interface FlagVariables {
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/**
 * `OFREP_ENDPOINT` and `OFREP_HEADERS`, as OpenFeature names them; nothing for an environment that never had a flag, and
 * nothing for a service that was given an endpoint of its own, which our key is not for.
 * https://github.com/open-feature/protocol/blob/main/service/adrs/0007-sdk-configuration-environment-variables.md
 */
export function flagVariables(
  flags: Promise<FlagControl>,
  url: Promise<string>,
): (environment: string, given: Readonly<Record<string, Value>>) => Promise<FlagVariables> {
  return async (environment, given) => {
    const control = await flags;
    if (Object.hasOwn(given, "OFREP_ENDPOINT") || (control.live.of(environment)?.version ?? 0) === 0)
      return { env: {}, secrets: [] };
    const key = await control.keyOf(environment, "server");
    return { env: { OFREP_ENDPOINT: await url, OFREP_HEADERS: `Authorization=Bearer ${key}` }, secrets: [key] };
  };
}
