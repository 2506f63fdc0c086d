import type { Timestamp } from "../units.ts";
import type { RunId } from "../ids.ts";

/** How a release has lost the word of being verified in an environment. */
export interface LostVerification {
  readonly environment: string;
  /** The run that found out. */
  readonly run: RunId;
  /** What the checks said that failed, a line each, by their names. */
  readonly why: string;
  readonly at: Timestamp;
}

/** Which check took the word away, when, and what gives it back. */
export function lostVerificationSentence({ environment, run, why, at }: LostVerification): string {
  const [first = "", ...others] = why.split("\n");
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  const when = `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
  return `since ${when} its check says no (${run}): ${cut(first)}${more}; once it is well again: fairway verify ${environment}`;
}

const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 299).toWellFormed()}…` : text);
