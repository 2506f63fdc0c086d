import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { CommitHistory, Project, Repository, Sha } from "@fairway/core";
import { codeOf, FairwayError, messageOf } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import { projectAt } from "../promotions/release-facts.ts";
import { asJson } from "../stages/release-run.ts";
import { keepSetting, setting } from "../store/settings.ts";
import type { Sql } from "../store/store.ts";

/** The configuration that says what is started by itself. */
export interface TriggerProject {
  /** The repository's main branch: whoever may push there says what is started, and nobody else. */
  readonly branch: string;
  readonly sha: Sha;
  readonly project: Project;
  /** Why the branch's newest commit does not count, where it does not: the last that could be read does. */
  readonly problem: string | null;
}

export interface TriggerProjectParts {
  readonly sql: Sql;
  readonly data: DataDirectory;
  readonly repository: Repository;
}

const name = "triggers.project";
/**
 * Reads the configuration of the main branch as it is now; kept by its commit, so that it is read once. Null where there is
 * none.
 */
export async function readTriggerProject(
  parts: TriggerProjectParts,
  history: CommitHistory,
): Promise<TriggerProject | null> {
  const branch = await history.defaultBranch();
  const sha = await history.tip(`refs/heads/${branch}`);
  const kept = (await setting(parts.sql, name)) as unknown as TriggerProject | undefined;
  if (sha === null) return kept ?? null;
  if (kept?.sha === sha && kept.branch === branch) return kept;
  const read = await projectOf(parts, sha);
  const now: TriggerProject | null =
    typeof read !== "string"
      ? { branch, sha, project: read, problem: null }
      : kept === undefined
        ? null
        : { ...kept, branch, sha, problem: read };
  if (now !== null) await keepSetting(parts.sql, name, asJson(now));
  return now;
}

/** The configuration of a commit, or why it cannot be used. */
async function projectOf({ repository, data }: TriggerProjectParts, sha: Sha): Promise<Project | string> {
  const scratch = join(data.root, "work");
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  try {
    return await projectAt(repository, await repository.resolve(sha), scratch);
  } catch (thrown) {
    const code = codeOf(thrown);
    // What a person must mend stays so; anything else may be otherwise the next time.
    if (code !== "config_invalid" && code !== "config_not_found") throw thrown;
    return messageOf(thrown);
  }
}

/** Where configurations are; the package that reads them takes longer to load than a daemon has time to start. */
const configurationFiles = ["yaml", "yml", "json", "config.ts", "config.mts", "config.js", "config.mjs"].map(
  (ending) => `fairway.${ending}`,
);

/** Whether a commit's configuration says anything of triggers, a forge or previews, without evaluating it. */
export async function mentionsTriggers(repository: Repository, sha: Sha): Promise<boolean> {
  for (const file of configurationFiles) {
    const text = await repository.textOf(sha, file);
    if (text !== undefined) return /\b(?:triggers|forge|previews)\b/u.test(text);
  }
  return false;
}

/** The trigger of this name. Throws `not_found` with those that there are. */
export function triggerNamed(project: Project, wanted: string): NonNullable<Project["triggers"]>[number] {
  const all = project.triggers ?? [];
  const found = all.find((trigger) => trigger.name === wanted);
  if (found !== undefined) return found;
  throw new FairwayError("not_found", `there is no trigger "${wanted}"`, {
    hint:
      all.length > 0
        ? `there are ${all.map((trigger) => trigger.name).join(", ")}`
        : "write one into the configuration of the main branch: triggers",
  });
}
