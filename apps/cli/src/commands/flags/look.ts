import type { FlagShape } from "@fairway/api";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { bold, harmless, print, printJson } from "../../output/terminal.ts";
import { ago } from "../../output/times.ts";

/** `fairway flags list`. */
export async function listFlags([environment]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("flags", environment === undefined ? {} : { environment });
  if (options.json) return printJson(found);
  if (found.length === 0) {
    print("There are no feature flags yet. Make one with: fairway flags set <environment> <flag>");
    return;
  }
  const rows = found.map((flag) => [
    flag.environment,
    flag.key,
    harmless(flag.gives),
    String(flag.version),
    ago(flag.changedAt, Date.now()),
  ]);
  for (const line of table(["environment", "flag", "gives", "version", "changed"], rows)) print(line);
}

/** `fairway flags show`. */
export async function showFlag(
  [environment = "", flag = ""]: readonly string[],
  options: GlobalOptions,
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("flag", { environment, flag });
  if (options.json) return printJson(found);
  print(`${bold(found.key)} in ${found.environment}`);
  print(`gives     ${harmless(found.gives)}`);
  print(`version   ${found.version}, ${ago(found.changedAt, Date.now())}`);
  print("");
  print(JSON.stringify(found.definition, null, 2));
}

/** What a flag gives now, for a person. */
export const flagLine = ({ environment, key, gives, version }: FlagShape): string =>
  `${key} in ${environment} gives ${harmless(gives)} (version ${version})`;

interface HistoryOptions extends GlobalOptions {
  readonly limit: string;
}

/** `fairway flags history`. */
export async function flagHistory([environment = "", flag]: readonly string[], options: HistoryOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("flagHistory", {
    environment,
    limit: options.limit,
    ...(flag === undefined ? {} : { flag }),
  });
  if (options.json) return printJson(found);
  const rows = found.map((change) => [
    String(change.version),
    ago(change.at, Date.now()),
    harmless(change.by),
    change.action,
    change.key,
    harmless(`${change.gave ?? "–"} → ${change.gives ?? "–"}`),
    harmless(change.reason ?? ""),
  ]);
  for (const line of table(["version", "when", "who", "did", "flag", "what", "why"], rows)) print(line);
}

interface StaleOptions extends GlobalOptions {
  readonly days: string;
}

/** `fairway flags stale`: exit code 1 when there are some. */
export async function staleFlags([environment]: readonly string[], options: StaleOptions): Promise<number> {
  const client = await daemonClient(options);
  const found = await client.call("staleFlags", {
    days: options.days,
    ...(environment === undefined ? {} : { environment }),
  });
  if (options.json) printJson(found);
  else if (found.length === 0) print(`No flag has given everybody the same for ${options.days} days.`);
  else {
    const rows = found.map((flag) => [
      flag.environment,
      flag.key,
      flag.variant === null ? "the default in the code" : harmless(flag.variant),
      `${flag.days} days`,
    ]);
    for (const line of table(["environment", "flag", "gives everybody", "for"], rows)) print(line);
  }
  return found.length === 0 ? 0 : 1;
}

/** `fairway flags export`. */
export async function exportFlags([environment = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  printJson({
    $schema: "https://flagd.dev/schema/v0/flags.json",
    ...(await client.call("exportFlags", { environment })),
  });
}
