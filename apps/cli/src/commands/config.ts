import { configurationJsonSchema, explain, formatExplanation, formatProblem, loadProject } from "@fairway/config";
import { FairwayError } from "@fairway/core";
import type { LoadedProject } from "@fairway/config";
import type { GlobalOptions } from "../context.ts";
import { repositoryHere } from "../context.ts";
import { print, printJson } from "../output/terminal.ts";

/** `fairway config check`: every problem at once, each with its place and its fix. */
export async function check(_args: readonly string[], options: GlobalOptions): Promise<number> {
  const loaded = await loadProject(await repositoryHere());
  if (options.json) printJson(loaded.ok ? { ok: true, problems: [] } : { ok: false, problems: loaded.problems });
  else if (loaded.ok)
    print(
      `the configuration is right: ${counted(loaded.project.services.length, "service")}, ${counted(loaded.project.environments.length, "environment")}`,
    );
  else for (const problem of loaded.problems) print(formatProblem(problem));
  return loaded.ok ? 0 : 1;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** `fairway config explain`. */
export async function explainKey([key = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const explanation = explain(await loadedHere(), key);
  if (!explanation.known) throw new FairwayError("not_found", explanation.message, { hint: explanation.fix });
  if (options.json) printJson(explanation.settings);
  else for (const setting of explanation.settings) print(formatExplanation(setting));
}

/** `fairway config schema`. */
export async function schema(): Promise<void> {
  printJson(configurationJsonSchema());
}

async function loadedHere(): Promise<LoadedProject> {
  const loaded = await loadProject(await repositoryHere());
  if (loaded.ok) return loaded;
  throw new FairwayError("config_invalid", "the configuration has problems", {
    problems: loaded.problems.map(formatProblem),
  });
}
