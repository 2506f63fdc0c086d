import type { ProjectFlags } from "@fairway/core";
import type { Ledger } from "./ledger.ts";
import type { FlagsConfig } from "./project-config.ts";

/** LaunchDarkly's own service for server SDKs. */
const launchDarkly = "https://sdk.launchdarkly.com";

/** Nothing where flags are Fairway's own. */
export function resolveFlags(written: FlagsConfig | undefined, ledger: Ledger): ProjectFlags | undefined {
  if (written === undefined) return undefined;
  const { source, url, key } = written;
  return {
    source: ledger.own<FlagsConfig["source"]>(["flags", "source"], source, source),
    url: ledger.own<string>(["flags", "url"], url, launchDarkly),
    key: ledger.own<FlagsConfig["key"]>(["flags", "key"], key, key),
  };
}
