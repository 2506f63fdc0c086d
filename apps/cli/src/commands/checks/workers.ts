import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway checks workers`. */
export async function listWorkers(_words: readonly string[], options: GlobalOptions): Promise<void> {
  const found = await (await daemonClient(options)).call("journeyWorkers", {});
  if (options.json) return printJson(found);
  if (found.length === 0) return print("nobody has asked for journeys elsewhere: fairway worker <location>");
  const rows = found.map(({ location, name, version, seenAt }) => [
    harmless(location),
    harmless(name),
    harmless(version),
    seenAt.replace("T", " ").slice(0, 19),
  ]);
  for (const line of table(["location", "worker", "version", "asked last"], rows)) print(line);
}
