import type { ForgeEvent, PullRequestEvent, PushEvent } from "../forge/forge-event.ts";
import { branchOf, tagOf } from "../forge/ref-names.ts";
import type { NameMatcher } from "./deployment-source.ts";
import { tagFits } from "./deployment-source.ts";
import type { Trigger, TriggerSource } from "./trigger.ts";

/** Whether something that happened starts what a trigger starts, and why or why not, as a sentence. */
export interface TriggerAnswer {
  readonly starts: boolean;
  readonly because: string;
  /** Which of the trigger's sources it was that answered. */
  readonly source: TriggerSource;
}

/** What the repository says about an event. */
export interface EventFacts {
  /** Undefined where that could not be told: what cannot be told keeps nothing from running. */
  readonly changedPaths: readonly string[] | undefined;
  /** Whether the commit of a tag is on a branch. */
  readonly isOn: (branch: string) => boolean;
  readonly matcher: NameMatcher;
}

/** Words in a commit's message that keep pushes and pull requests from starting anything, the same as on GitHub. */
const skipWords = /\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|^skip-checks:\s*true\s*$/imu;

/** Answers with the first source that starts it, else with the last that listened; null when none listens to such events. */
export function answerEvent({ on }: Pick<Trigger, "on">, event: ForgeEvent, facts: EventFacts): TriggerAnswer | null {
  let last: TriggerAnswer | null = null;
  for (const source of on) {
    const answer = answerOf(source, event, facts);
    if (answer === null) continue;
    if (typeof answer !== "string") return { starts: true, because: answer.because, source };
    last = { starts: false, because: answer, source };
  }
  return last;
}

interface Starts {
  readonly because: string;
}

/** Null: it does not listen to such things. A text: it listens, and why nothing starts. */
function answerOf(source: TriggerSource, event: ForgeEvent, facts: EventFacts): null | string | Starts {
  switch (source.kind) {
    case "push":
      return event.kind === "push" && branchOf(event.ref) !== null ? answerPush(source, event, facts) : null;
    case "tag":
      return event.kind === "push" && tagOf(event.ref) !== null ? answerTag(source, event, facts) : null;
    case "pull-request":
      return event.kind === "pull-request" ? answerPull(source, event, facts) : null;
    case "schedule":
    case "manual":
    case "api":
      return null;
  }
}

function answerPush(
  { branches, paths }: TriggerSource & { readonly kind: "push" },
  { ref, after, message }: PushEvent,
  { changedPaths, matcher: { fits } }: EventFacts,
): string | Starts {
  const branch = branchOf(ref) ?? ref;
  if (after === null) return `the branch ${branch} was deleted`;
  if (branches !== null && !fits(branches, branch)) return `the branch ${branch} does not pass the filter on branches`;
  if (paths !== null && changedPaths !== undefined && !changedPaths.some((path) => fits(paths, path)))
    return "no changed path passes the filter on paths";
  if (message !== null && skipWords.test(message)) return "the commit's message asks to skip it";
  return { because: `push of ${branch}` };
}

function answerTag(
  { tags, branch }: TriggerSource & { readonly kind: "tag" },
  { ref, after }: PushEvent,
  { isOn, matcher }: EventFacts,
): string | Starts {
  const tag = tagOf(ref) ?? ref;
  if (after === null) return `the tag ${tag} was deleted`;
  if (!tagFits(tags, tag, matcher)) return `the tag ${tag} is none of those that it listens to`;
  if (branch !== null && !isOn(branch)) return `the commit of the tag ${tag} is not on ${branch}`;
  return { because: `tag ${tag}` };
}

function answerPull(
  { branches, paths, types }: TriggerSource & { readonly kind: "pull-request" },
  { action, number, base, message }: PullRequestEvent,
  { changedPaths, matcher: { fits } }: EventFacts,
): string | Starts {
  if (!types.includes(action)) return `it listens to ${types.join(", ")}, and this is ${action}`;
  if (branches !== null && !fits(branches, base.ref))
    return `the branch ${base.ref} does not pass the filter on branches`;
  if (paths !== null && changedPaths !== undefined && !changedPaths.some((path) => fits(paths, path)))
    return "no changed path passes the filter on paths";
  if (message !== null && skipWords.test(message)) return "the commit's message asks to skip it";
  return { because: `pull request ${number}, ${action}` };
}
