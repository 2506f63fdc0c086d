import { outcomeWords } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { table } from "../output/table.ts";
import { deploymentLines } from "../output/evidence-lines.ts";
import { columns, markOf, print, printJson } from "../output/terminal.ts";
import { ago, between } from "../output/times.ts";

/** `fairway deployments`: the history of what ran where. */
export async function deployments(
  [environment]: readonly string[],
  options: GlobalOptions & { readonly limit: string },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("deployments", { ...(environment ? { environment } : {}), limit: options.limit });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("no deployments yet; make a release with: fairway release");
  const now = Date.now();
  const rows = found.map((one) => [
    `${markOf(one.state)} ${one.run}`,
    one.environment,
    one.from === null ? one.release : `${one.from} → ${one.release}`,
    one.only === null ? one.reason : `${one.reason} of ${one.only.join(", ")}`,
    ago(one.beganAt, now),
    `${one.outcome === null ? one.state : outcomeWords({ ...one, outcome: one.outcome })} ${between(one.beganAt, one.endedAt, now)}`.trimEnd(),
  ]);
  for (const line of table(["run", "environment", "release", "reason", "begun", "outcome"], rows)) print(line);
}

/** `fairway deployments show`. */
export async function showDeployment([run = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("deployment", { run });
  if (options.json) return printJson(found);
  for (const line of deploymentLines(found, columns())) print(line);
}
