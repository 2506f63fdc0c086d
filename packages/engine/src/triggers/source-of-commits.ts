import type { CommitHistory, Project, Sha } from "@fairway/core";
import { environmentOf, sourceProblems } from "@fairway/core";
import { nameMatcher } from "./name-matcher.ts";

/** Why an environment does not take a commit for where it comes from, a sentence each. Asks nothing where it takes any. */
export async function sourceProblemsOf(
  history: CommitHistory,
  project: Project,
  environment: string,
  sha: Sha,
): Promise<readonly string[]> {
  const rule = environmentOf(project, environment)?.onlyFrom;
  if (rule === undefined) return [];
  const tip = rule.branch === null ? null : await history.tip(`refs/heads/${rule.branch}`);
  const origin = {
    tags: rule.tags === null ? [] : await history.tagsAt(sha),
    onBranch: tip !== null && (await history.isAncestor(sha, tip)),
  };
  return sourceProblems(environment, rule, origin, await nameMatcher());
}
