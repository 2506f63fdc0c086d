import type { Sha } from "../ids.ts";
import type { Timestamp } from "../units.ts";

/** What can be sent as JSON. */
export type ForgeJson = null | boolean | number | string | readonly ForgeJson[] | { readonly [key: string]: ForgeJson };
export type ForgePayload = { readonly [key: string]: ForgeJson };

interface EventOfForge {
  /** As GitHub names it: `push`, `pull_request`, `issues`, … */
  readonly name: string;
  /** Who did it, as the forge calls them. */
  readonly by: string;
  /** As GitHub sends it, for expressions of workflows; null where it came from plain git. */
  readonly payload: ForgePayload | null;
}

/** A branch or tag was made, moved or deleted. */
export interface PushEvent extends EventOfForge {
  readonly kind: "push";
  /** In full: `refs/heads/main`, `refs/tags/v1`. */
  readonly ref: string;
  /** Null where the ref is new, and where nobody knows. */
  readonly before: Sha | null;
  /** Null where it was deleted. */
  readonly after: Sha | null;
  /** Of the newest commit; null where it is not known yet. */
  readonly message: string | null;
}

/** A pull request was opened, changed or closed. */
export interface PullRequestEvent extends EventOfForge {
  readonly kind: "pull-request";
  /** GitHub's word: `opened`, `synchronize`, `closed`, … */
  readonly action: string;
  readonly number: number;
  readonly title: string;
  readonly state: "open" | "closed";
  /** Where it comes from. */
  readonly head: { readonly ref: string; readonly sha: Sha };
  /** Where it goes into. */
  readonly base: { readonly ref: string; readonly sha: Sha | null };
  /** Whether it comes from a copy of the repository that others own: what it starts gets no secrets. */
  readonly fromFork: boolean;
  /** Of the newest commit, where it is known. */
  readonly message: string | null;
  readonly changedAt: Timestamp | null;
}

/** Anything else that happened, which only workflow files may listen to. */
export interface OtherEvent extends EventOfForge {
  readonly kind: "other";
  readonly action: string | null;
}

/** Something that happened to a repository. */
export type ForgeEvent = PushEvent | PullRequestEvent | OtherEvent;

/** The full ref of a pull request's newest commit, as GitHub has it. */
export const pullRef = (number: number): string => `refs/pull/${number}/head`;
