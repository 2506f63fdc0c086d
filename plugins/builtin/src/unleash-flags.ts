import type { FlagSource, FlagSourceAccess, FlagStanding, FlagValue } from "@fairway/core";
import { isRecord, readJson } from "./flags-over-http/read-json.ts";

/**
 * The flags of an Unleash server, as its backend SDKs get them: a backend token is for one environment.
 * https://docs.getunleash.io/reference/api/unleash/get-all-client-features
 */
export const unleashFlags = ({ url, keyOf }: FlagSourceAccess): FlagSource => ({
  kind: "unleash",
  async snapshot(environment) {
    const key = await keyOf(environment);
    if (key === null) return { flags: {} };
    // Without a word about segments they come within the strategies, which is how they count.
    const { features } = await readJson("Unleash", `${url}/api/client/features`, { authorization: key });
    const found = (Array.isArray(features) ? features : []).filter(isRecord);
    return { flags: Object.fromEntries(found.map((feature) => [String(feature["name"]), standingOf(feature)])) };
  },
});

/** Of a feature what decides, and not what is said about it or seen of it. */
const beside = new Set(["name", "description", "lastSeenAt", "createdAt", "stale", "impressionData", "type"]);

const standingOf = (feature: Readonly<Record<string, unknown>>): FlagStanding => ({
  on: feature["enabled"] === true,
  definition: Object.fromEntries(
    Object.entries(feature)
      .filter(([name]) => !beside.has(name))
      .map(([name, value]) => [name, (name === "strategies" ? strategiesOf(value) : value) as FlagValue]),
  ),
});

/** Names for people and places in a list do not decide. */
const strategiesOf = (strategies: unknown): unknown =>
  Array.isArray(strategies)
    ? strategies.filter(isRecord).map(({ id: _id, title: _title, sortOrder: _sortOrder, ...strategy }) => strategy)
    : strategies;
