import type { FlagSource, FlagSourceAccess, FlagStanding, FlagValue } from "@fairway/core";
import { isRecord, readJson } from "./flags-over-http/read-json.ts";

/** Of a flag what LaunchDarkly counts and measures; the rest decides what it gives. */
const beside = new Set(["key", "version", "trackEvents", "trackEventsFallthrough", "debugEventsUntilDate", "deleted"]);

/**
 * The flags of a LaunchDarkly environment, as its server SDKs poll them: an SDK key is for one environment.
 * https://launchdarkly.com/docs/sdk/concepts/client-side-server-side#polling
 */
export const launchDarklyFlags = ({ url, keyOf }: FlagSourceAccess): FlagSource => ({
  kind: "launchdarkly",
  async snapshot(environment) {
    const key = await keyOf(environment);
    if (key === null) return { flags: {} };
    const { flags, segments } = await readJson("LaunchDarkly", `${url}/sdk/latest-all`, { authorization: key });
    const known = isRecord(segments) ? segments : {};
    const found = Object.entries(isRecord(flags) ? flags : {}).filter(
      (entry): entry is [string, Readonly<Record<string, unknown>>] =>
        isRecord(entry[1]) && entry[1]["deleted"] !== true,
    );
    return { flags: Object.fromEntries(found.map(([name, flag]) => [name, standingOf(flag, known)])) };
  },
});

function standingOf(
  flag: Readonly<Record<string, unknown>>,
  segments: Readonly<Record<string, unknown>>,
): FlagStanding {
  const used = segmentsIn(flag["rules"]).filter((name) => isRecord(segments[name]));
  const definition = {
    ...without(flag),
    // Who is in a segment decides what a flag gives that asks for it.
    ...(used.length === 0
      ? {}
      : { segments: Object.fromEntries(used.map((name) => [name, without(segments[name] as typeof flag)])) }),
  };
  return { on: flag["on"] === true, definition: definition as FlagValue };
}

const without = (thing: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(thing).filter(([name]) => !beside.has(name)));

/** The segments that rules ask for, each once and in order. */
function segmentsIn(rules: unknown): readonly string[] {
  const clauses = (Array.isArray(rules) ? rules : []).flatMap((rule: unknown) =>
    isRecord(rule) && Array.isArray(rule["clauses"]) ? (rule["clauses"] as readonly unknown[]) : [],
  );
  const asked = clauses.flatMap((clause) =>
    isRecord(clause) && clause["op"] === "segmentMatch" && Array.isArray(clause["values"])
      ? (clause["values"] as readonly unknown[])
      : [],
  );
  return [...new Set(asked.filter((name): name is string => typeof name === "string"))].toSorted();
}
