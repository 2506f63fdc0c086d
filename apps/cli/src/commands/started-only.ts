import type { Run } from "@fairway/api";
import type { GlobalOptions } from "../context.ts";
import { harmless, print, printJson } from "../output/terminal.ts";

/** Says that a run was started, for those who do not wait for it. */
export function startedOnly(run: Run, options: GlobalOptions): number {
  if (options.json) printJson(run);
  else print(`${run.id} started: ${harmless(run.title)}\n→ watch it with: fairway run watch ${run.id}`);
  return 0;
}
