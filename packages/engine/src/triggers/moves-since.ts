import type { ForgeEvent, ForgeState, OpenPull, Sha } from "@fairway/core";
import { isRefName, pullRef } from "@fairway/core";
import { gone } from "./firings-of-event.ts";

/** Something that a look at a forge found to be otherwise than it was known. */
export interface Move {
  readonly event: ForgeEvent;
  /** What was not known before at all: a first look remembers everything and starts nothing. */
  readonly isFirst: boolean;
}

/**
 * What has happened since branches, tags and pull requests were last looked at. Where nothing is known yet everything is
 * there for the first time, which is news of nothing.
 */
export function movesSince(known: ReadonlyMap<string, Sha>, { refs, pulls }: ForgeState): readonly Move[] {
  const isFirst = known.size === 0;
  const moves: Move[] = [];
  for (const [ref, sha] of refs) {
    const before = known.get(ref) ?? null;
    if (before !== sha && isRefName(ref))
      moves.push({ event: pushed(ref, before === gone ? null : before, sha), isFirst });
  }
  for (const [ref, sha] of known)
    if (/^refs\/(?:heads|tags)\//u.test(ref) && sha !== gone && !refs.has(ref))
      moves.push({ event: pushed(ref, sha, null), isFirst });
  const open = new Set(pulls.map(({ number }) => pullRef(number)));
  for (const pull of pulls) {
    const before = known.get(pullRef(pull.number));
    if (before !== pull.head.sha)
      moves.push({
        event: changed(pull, before === undefined ? "opened" : before === gone ? "reopened" : "synchronize"),
        isFirst,
      });
  }
  for (const [ref, sha] of known) {
    const [, number] = /^refs\/pull\/(\d+)\/head$/u.exec(ref) ?? [];
    if (number !== undefined && sha !== gone && !open.has(ref))
      moves.push({ event: closed(Number(number), sha), isFirst });
  }
  return moves;
}

const pushed = (ref: string, before: Sha | null, after: Sha | null): ForgeEvent => ({
  kind: "push",
  name: "push",
  by: "git",
  payload: null,
  ref,
  before,
  after,
  message: null,
});

const changed = ({ number, title, head, base, fromFork, by }: OpenPull, action: string): ForgeEvent => ({
  kind: "pull-request",
  name: "pull_request",
  by,
  payload: {
    action,
    number,
    pull_request: {
      number,
      title,
      head: { ref: head.ref, sha: head.sha, repo: { fork: fromFork } },
      base: { ref: base.ref, sha: base.sha },
    },
  },
  action,
  number,
  title,
  state: "open",
  head,
  base,
  fromFork,
  message: null,
  changedAt: null,
});

/** Of a closed one only its number and its last commit are known. */
const closed = (number: number, sha: Sha): ForgeEvent => ({
  kind: "pull-request",
  name: "pull_request",
  by: "git",
  payload: { action: "closed", number, pull_request: { number, head: { ref: "unknown", sha } } },
  action: "closed",
  number,
  title: "",
  state: "closed",
  head: { ref: "unknown", sha },
  base: { ref: "unknown", sha: null },
  fromFork: false,
  message: null,
  changedAt: null,
});
