import { writeFile } from "node:fs/promises";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway packet`. */
export async function packet(
  _args: readonly string[],
  options: GlobalOptions & { readonly output?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("packet", {});
  if (options.output !== undefined) await writeFile(options.output, found.markdown);
  if (options.json) return printJson(found);
  if (options.output !== undefined) return print(`${options.output}: ${found.digest}`);
  for (const line of found.markdown.split("\n")) print(harmless(line));
}

/** `fairway education`. */
export async function education(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("education", {});
  if (options.json) return printJson(found);
  if (found.length === 0) return print("nothing is named in ops/education.yaml");
  const rows = found.map(({ title, owner, kpi, state, value, duty }) => [
    harmless(title),
    harmless(owner),
    harmless(kpi?.name ?? "none"),
    value === null ? state : `${value}, ${state}`,
    duty?.dueAt?.slice(0, 10) ?? "",
  ]);
  for (const line of table(["what", "owner", "figure", "state", "due"], rows)) print(line);
}

/** `fairway incidents summary`. */
export async function summary(
  _args: readonly string[],
  options: GlobalOptions & { readonly from?: string; readonly until?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const { from, until } = options;
  const found = await client.call("operationsSummary", {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  });
  if (options.json) return printJson(found);
  for (const line of found.markdown.split("\n")) print(harmless(line));
}
