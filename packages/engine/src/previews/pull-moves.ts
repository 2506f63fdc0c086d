import type { ProjectPreviews } from "@fairway/core";
import { previewOfPull } from "@fairway/core";
import type { NewPreview, Preview, PreviewChange, PreviewEnd, PreviewState } from "../store/previews.ts";
import type { KnownPull } from "../store/pulls.ts";

/** What is to be done about a preview for what the forge has. */
export type PullMove =
  | { readonly do: "open"; readonly preview: NewPreview }
  | { readonly do: "change"; readonly preview: Preview; readonly change: PreviewChange }
  | { readonly do: "end"; readonly preview: Preview; readonly for: PreviewEnd; readonly why: string };

/** What previews for pull requests are decided by: the lists as they are, and no event. */
export interface PullFacts {
  /** Null where there are to be no previews. */
  readonly settings: ProjectPreviews | null;
  /** Those that the forge has open. */
  readonly pulls: readonly KnownPull[];
  readonly live: readonly Preview[];
  /** The last preview of each pull request, where it has ended. */
  readonly ended: ReadonlyMap<number, Preview>;
}

/**
 * Brings the previews of pull requests to what the forge has. It looks at how things stand and not at what has happened, so
 * what a webhook did not tell is made up for as soon as a look has found it, and what is told twice changes nothing.
 */
export function pullMoves({ settings, pulls, live, ended }: PullFacts): readonly PullMove[] {
  const open = new Map(pulls.map((pull) => [pull.number, pull]));
  const mine = live.filter(({ pull, state }) => pull !== null && state !== "ending");
  const moves = mine.flatMap((preview) => moveOf(preview, open.get(preview.pull ?? 0), settings));
  if (settings === null || !settings.pullRequests) return moves;
  let room = settings.most - live.filter(({ state }) => state !== "waiting").length;
  // What moves has its turn at the next look, as what it is then.
  const moving = new Set(moves.flatMap((move) => (move.do === "open" ? [] : [move.preview.id])));
  for (const preview of mine.filter(({ state, id }) => state === "waiting" && !moving.has(id))) {
    if (room <= 0) break;
    room -= 1;
    moves.push({ do: "change", preview, change: standing(preview.fromFork, false) });
  }
  const has = new Set(live.map(({ pull }) => pull));
  for (const pull of pulls.filter(
    (one) => wantsPreview(one, settings, ended.get(one.number)) && !has.has(one.number),
  )) {
    moves.push({ do: "open", preview: previewFor(pull, settings, room) });
    room -= 1;
  }
  return moves;
}

function wantsPreview(pull: KnownPull, { forks }: ProjectPreviews, ended: Preview | undefined): boolean {
  if (!pull.isNews || (pull.fromFork && forks === "never")) return false;
  return ended === undefined || ended.sha !== pull.sha || ended.endedFor === "closed" || ended.endedFor === "settings";
}

const previewFor = (pull: KnownPull, settings: ProjectPreviews, room: number): NewPreview => ({
  name: previewOfPull(pull.number),
  pull: pull.number,
  ref: `refs/pull/${pull.number}/head`,
  title: pull.title,
  fromFork: pull.fromFork,
  sha: pull.sha,
  settings,
  openedBy: pull.openedBy,
  ...(room > 0
    ? standing(pull.fromFork, false)
    : { state: "waiting" as const, why: `there are ${settings.most} previews already; it comes when one has ended` }),
});

/** A commit of a fork is let in by somebody first. */
const standing = (fromFork: boolean, approved: boolean): { readonly state: PreviewState; readonly why: string } =>
  fromFork && !approved
    ? { state: "asking", why: "it comes from a fork: somebody has to let this commit in" }
    : { state: "open", why: "" };

function moveOf(preview: Preview, pull: KnownPull | undefined, settings: ProjectPreviews | null): PullMove[] {
  const end = (cause: PreviewEnd, why: string): PullMove[] => [{ do: "end", preview, for: cause, why }];
  if (pull === undefined) return end("closed", `pull request ${preview.pull} is closed`);
  if (settings === null || !settings.pullRequests)
    return end("settings", "the configuration asks for no previews any more");
  if (pull.fromFork && settings.forks === "never") return end("settings", "forks get no previews");
  if (pull.sha !== preview.sha || pull.fromFork !== preview.fromFork)
    return [{ do: "change", preview, change: newCommit(preview, pull) }];
  return pull.title === preview.title ? [] : [{ do: "change", preview, change: { title: pull.title } }];
}

/** Another commit is nobody's yes any more, and wakes what sleeps. */
const newCommit = (preview: Preview, { sha, title, fromFork }: KnownPull): PreviewChange => ({
  ...movedTo(preview, sha),
  title,
  fromFork,
  ...(preview.state === "waiting" ? {} : standing(fromFork, preview.approvedSha === sha)),
});

/** What changes of a preview that is to show another commit. */
export const movedTo = ({ turn }: Preview, sha: string): PreviewChange => ({
  sha,
  turn: turn + 1,
  why: "",
  deployRun: null,
  usedAt: new Date(),
  asleepSince: null,
});
