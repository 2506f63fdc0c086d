import type { ReleaseId, Sha } from "../ids.ts";
import type { PatternFilter, TagRule } from "./trigger.ts";

/** How names are compared with what a person wrote; the rules themselves know neither patterns nor versions. */
export interface NameMatcher {
  readonly fits: (filter: PatternFilter, name: string) => boolean;
  readonly inRange: (range: string, tag: string) => boolean;
}

/** What an environment takes at all: only commits that bear such a tag, or are on such a branch. */
export interface SourceRule {
  readonly tags: TagRule | null;
  readonly branch: string | null;
}

/** What the repository says of a commit. */
export interface CommitOrigin {
  /** The tags that name it. */
  readonly tags: readonly string[];
  /** Whether it is on the branch that the rule names. */
  readonly onBranch: boolean;
}

/** Whether a tag is one of those that a rule means. */
export const tagFits = ({ names, semver }: TagRule, tag: string, { fits, inRange }: NameMatcher): boolean =>
  (names === null || fits(names, tag)) && (semver === null || inRange(semver, tag));

/** Why an environment does not take a commit for where it comes from, a sentence each; empty when it does. */
export function sourceProblems(
  environment: string,
  { tags, branch }: SourceRule,
  origin: CommitOrigin,
  matcher: NameMatcher,
): readonly string[] {
  const problems: string[] = [];
  if (tags !== null && !origin.tags.some((tag) => tagFits(tags, tag, matcher)))
    problems.push(
      `${environment} takes only commits with a tag${ruleText(tags)}, and this one has ${origin.tags.length === 0 ? "none" : origin.tags.join(", ")}`,
    );
  if (branch !== null && !origin.onBranch)
    problems.push(`${environment} takes only commits that are on ${branch}, and this one is not`);
  return problems;
}

const ruleText = ({ names, semver }: TagRule): string =>
  `${names === null ? "" : ` ${names.ignore ? "other than " : ""}${names.patterns.join(", ")}`}${semver === null ? "" : ` in ${semver}`}`;

/** What is known when a trigger is to bring a commit to an environment. */
export interface TriggeredDeploymentFacts {
  readonly environment: string;
  readonly sha: Sha;
  /** Only what this environment has verified may come; null where any release may. */
  readonly promotesFrom: string | null;
  /** The newest release of the commit, and where it was verified; null while there is none. */
  readonly release: {
    readonly id: ReleaseId;
    readonly verifiedIn: readonly string[];
    readonly inQuarantine: boolean;
  } | null;
  /** Whether a run makes a release of the commit now. */
  readonly inTheMaking: boolean;
  /** Why the environment does not take the commit for where it comes from. */
  readonly sourceProblems: readonly string[];
  /** The commit that the branch names by now, where it has moved on since the event; null where it has not. */
  readonly overtakenBy: Sha | null;
}

/** What a trigger does about a deployment now. */
export type TriggeredDeployment =
  | { readonly decision: "deploy"; readonly release: ReleaseId }
  /** A release of the commit is made and goes there. */
  | { readonly decision: "release" }
  | { readonly decision: "wait"; readonly until: string }
  | { readonly decision: "no"; readonly why: string };

/**
 * Decides what a trigger does about a commit that is to go to an environment. Nothing goes where the environment before
 * has not verified it; what may still be verified is waited for.
 */
export function decideTriggeredDeployment(facts: TriggeredDeploymentFacts): TriggeredDeployment {
  const { environment, promotesFrom, release, overtakenBy } = facts;
  const [problem] = facts.sourceProblems;
  if (problem !== undefined) return { decision: "no", why: facts.sourceProblems.join("; ") };
  if (overtakenBy !== null)
    return { decision: "no", why: `the branch has moved on to ${short(overtakenBy)}: a late push replaces nothing` };
  if (release?.inQuarantine === true)
    return { decision: "no", why: `${release.id} of this commit is in quarantine until a person lifts it` };
  if (promotesFrom === null) {
    if (release !== null) return { decision: "deploy", release: release.id };
    return facts.inTheMaking
      ? { decision: "wait", until: `a release of ${short(facts.sha)} is being made` }
      : { decision: "release" };
  }
  if (release === null)
    return {
      decision: "wait",
      until: facts.inTheMaking
        ? `a release of ${short(facts.sha)} is being made`
        : `there is no release of ${short(facts.sha)} yet, and ${environment} takes only what ${promotesFrom} has verified`,
    };
  return release.verifiedIn.includes(promotesFrom)
    ? { decision: "deploy", release: release.id }
    : { decision: "wait", until: `${release.id} is not verified in ${promotesFrom} yet` };
}

const short = (sha: Sha): string => sha.slice(0, 7);
