import type { Freeze } from "../gate/freeze.ts";
import type { RunId } from "../ids.ts";
import type { Environment } from "../project/project.ts";
import type { Timestamp } from "../units.ts";

/**
 * Who gets its turn in an environment where several wait: `all` of them, first come, first served; or only the `newest`,
 * so that what a newer commit has overtaken is never deployed.
 */
export type QueueRule = "all" | "newest";

/** The rule of an environment: as it is written, or the newest where deployments happen by themselves and nobody is asked. */
export const queueRuleOf = ({
  queue,
  deploys,
  approvals,
}: Pick<Environment, "queue" | "deploys" | "approvals">): QueueRule =>
  queue ?? (deploys === "automatically" && approvals === 0 ? "newest" : "all");

/** What tells the newer of two releases: their commits' times, and for the same commit the release's number. */
export interface CommitOrder {
  readonly committedAt: Timestamp;
  readonly number: number;
}

/** Whether the one is of a newer commit than the other. */
export function isNewer(one: CommitOrder, other: CommitOrder): boolean {
  const [a, b] = [Date.parse(one.committedAt), Date.parse(other.committedAt)];
  return a > b || (a === b && one.number > other.number);
}

/** A deployment that waits for an environment. */
export interface Waiter {
  readonly run: RunId;
  readonly title: string;
  /** In the order in which they came. */
  readonly place: number;
  /** A way back: it goes ahead of all others, and no rule takes its turn from it. */
  readonly urgent: boolean;
  /** Absent in what was asked for before there were rules. */
  readonly order: CommitOrder | null;
  /** Nobody asked for it by name, so it never replaces a newer commit. */
  readonly yields: boolean;
  readonly supersededBy: RunId | null;
}

/** Who has, keeps and had the environment. */
export interface EnvironmentStanding {
  readonly environment: string;
  readonly holder: { readonly run: RunId; readonly title: string; readonly since: Timestamp } | null;
  /** A person's word that nothing may change. */
  readonly manual: { readonly by: string; readonly because: string } | null;
  /** What holds it still now, by its configuration; absent where nothing does. */
  readonly frozen?: Freeze | null;
  /** Whether enough people want the asker to go through that. */
  readonly overridden?: boolean;
  /** What it runs, and which run brought it there. */
  readonly current: { readonly run: RunId; readonly order: CommitOrder } | null;
}

/** What becomes of a deployment that wants an environment. */
export type TurnDecision =
  | { readonly turn: "now" }
  | { readonly turn: "later"; readonly until: string }
  | { readonly turn: "never"; readonly supersededBy: RunId };

/**
 * Who makes way for a deployment that has come: the older commits that wait already. A way back makes nobody way, and way for
 * nobody.
 */
export const overtakenBy = (asker: Waiter, waiting: readonly Waiter[], rule: QueueRule): readonly RunId[] =>
  rule === "all"
    ? []
    : waiting.filter((other) => other.place < asker.place && overtakes(asker, other)).map(({ run }) => run);

const overtakes = (one: Waiter, other: Waiter): boolean =>
  one.run !== other.run &&
  !one.urgent &&
  !other.urgent &&
  other.supersededBy === null &&
  one.supersededBy === null &&
  one.order !== null &&
  other.order !== null &&
  isNewer(one.order, other.order);

/** Decides whether a deployment gets the environment now. `waiting` holds all that wait for it, the asker too. */
export function turnOf(
  asker: Waiter,
  waiting: readonly Waiter[],
  rule: QueueRule,
  { environment, holder, manual, current, frozen = null, overridden = false }: EnvironmentStanding,
): TurnDecision {
  if (asker.supersededBy !== null) return { turn: "never", supersededBy: asker.supersededBy };
  const isLate = rule === "newest" && asker.yields && !asker.urgent;
  const newer = isLate ? waiting.find((other) => overtakes(other, asker)) : undefined;
  if (newer !== undefined) return { turn: "never", supersededBy: newer.run };
  // Whether the holder's release stays is not known yet, so only what was carried through counts.
  if (holder === null && isLate && asker.order !== null && current !== null && isNewer(current.order, asker.order))
    return { turn: "never", supersededBy: current.run };
  if (holder !== null) return later(`waits for ${holder.run} (${holder.title}), held since ${holder.since}`);
  if (manual !== null && !asker.urgent) return later(`${environment} is locked by ${manual.by}: ${manual.because}`);
  if (frozen !== null && !asker.urgent && !overridden)
    return later(`${environment} is frozen until ${frozen.until}: ${frozen.because}`);
  // Whom the freeze holds is not in the way of who goes through it.
  const inTheWay = frozen === null ? waiting : waiting.filter(({ run, urgent }) => urgent || run === asker.run);
  const [first] = inTheWay
    .filter(({ supersededBy }) => supersededBy === null)
    .toSorted((a, b) => Number(b.urgent) - Number(a.urgent) || a.place - b.place);
  return first === undefined || first.run === asker.run
    ? { turn: "now" }
    : later(`waits for its turn after ${first.run} (${first.title})`);
}

const later = (until: string): TurnDecision => ({ turn: "later", until });
