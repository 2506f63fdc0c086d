import { initProject } from "@fairway/config";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { repositoryHere } from "../context.ts";
import { print, printJson } from "../output/terminal.ts";

/** `fairway init`: never writes over a configuration that is there. */
export async function init(_args: readonly string[], options: GlobalOptions & { readonly format?: string }): Promise<void> {
  const { format } = options;
  if (format !== undefined && format !== "ts" && format !== "yaml")
    throw new FairwayError("bad_request", `--format is ts or yaml, not "${format}"`);
  const made = await initProject(await repositoryHere(), format === undefined ? {} : { format });
  if (options.json) return printJson(made);
  print(`wrote ${made.file}`);
  for (const service of made.services) print(`  ${service}`);
  for (const doubt of made.unsure) print(`  ? ${doubt}`);
  print("→ read it, commit it, then: fairway up");
}
