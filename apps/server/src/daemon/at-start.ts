import { basename } from "node:path";
import type { Project } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { DataDirectory } from "@fairway/engine";
import { projectAtHead } from "@fairway/engine";
import type { Composition } from "../compose.ts";
import type { DaemonOptions } from "../daemon-options.ts";
import { problemOf } from "../http/problem-of.ts";
import type { RouterControl } from "../router-control.ts";

/** What is missing is looked for now, and again each time that somebody asks, until it is there. */
export function lackWatch(look: Composition["lack"]): () => Promise<readonly string[]> {
  let last = look();
  return async () => {
    if ((await last) === null) return [];
    last = look();
    const lack = await last;
    return lack === null ? [] : [lack];
  };
}

/** Bad certificates keep no daemon from starting: the router goes on with those that were in force. */
export async function certify(
  router: RouterControl,
  problems: Map<string, string>,
  tell: (message: string) => void,
): Promise<void> {
  try {
    await router.reload();
  } catch (thrown) {
    const problem = [messageOf(thrown), ...problemOf(thrown).problem.problems].join("; ");
    problems.set("certificates", `${problem}; mend them and say: fairway router reload`);
    tell(problem);
  }
}

/** What the last commit says, for a daemon that has made no release yet. It serves nothing worse than an empty project. */
export async function projectAtStart(
  { repository }: Composition,
  data: DataDirectory,
  options: DaemonOptions,
  tell: (problem: string) => void,
): Promise<Project> {
  try {
    return await projectAtHead(repository, data);
  } catch (thrown) {
    tell(`no configuration at the last commit yet: ${messageOf(thrown)}`);
    return { name: basename(options.repository), services: [], environments: [] };
  }
}
