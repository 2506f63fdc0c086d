import type { FieldChange, IgnoreRule, ResourceChange, Timestamp } from "@fairway/core";

/**
 * What one resource's difference is. *out-of-band*: somebody changed it past the code. *ours*: the code changed and was not
 * applied. *noise*: rules say that it is to be left alone.
 */
export interface DriftFinding {
  readonly address: string;
  readonly type: string;
  readonly kind: "out-of-band" | "ours" | "noise";
  readonly action: ResourceChange["action"];
  readonly fields: readonly FieldChange[];
  /** The rules that apply, by their reasons; those that expired are named with it. */
  readonly because: readonly string[];
}

/** What is known of a finding from earlier looks. */
export interface KnownFinding {
  readonly address: string;
  readonly firstSeen: Timestamp;
  readonly lastSeen: Timestamp;
  readonly owner: string | null;
}

/**
 * Tells what a look at the world found. `drift` is what the world has that the state has not; `pending` is what the code
 * has that neither has. One finding for each resource: what somebody did outside is told before what is not applied.
 */
export function classifyDrift(
  drift: readonly ResourceChange[],
  pending: readonly ResourceChange[],
  rules: readonly IgnoreRule[],
  at: Timestamp,
): readonly DriftFinding[] {
  const outside = drift.map((change) => finding(change, "out-of-band", rules, at));
  const seen = new Set(outside.map(({ address }) => address));
  const ours = pending
    .filter(({ action, address }) => action !== "read" && !seen.has(address))
    .map((change) => finding(change, "ours", rules, at));
  return [...outside, ...ours].toSorted((one, other) => (one.address < other.address ? -1 : 1));
}

function finding(
  { address, type, action, fields }: ResourceChange,
  kind: "out-of-band" | "ours",
  rules: readonly IgnoreRule[],
  at: Timestamp,
): DriftFinding {
  const mine = rules.filter(({ resource }) => isCovered(resource, address));
  const live = mine.filter(({ until }) => Date.parse(until) > Date.parse(at));
  const left = fields.filter(({ path }) => !live.some(({ field }) => field === null || covers(field, path)));
  // A resource that is gone is never noise because of one of its fields.
  const quiet =
    kind === "out-of-band" &&
    live.length > 0 &&
    (live.some(({ field }) => field === null) || (action === "update" && left.length === 0));
  const because = mine.map(({ reason, until }) =>
    Date.parse(until) > Date.parse(at) ? reason : `${reason} (expired at ${until})`,
  );
  return { address, type, kind: quiet ? "noise" : kind, action, fields: quiet ? fields : left, because };
}

/** Whether an address is one of those that a pattern stands for; `*` is any part of an address. */
export function isCovered(pattern: string, address: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`, "u").test(address);
}

const covers = (field: string, path: string): boolean =>
  path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);

/** The findings that stand after a look, one for each resource: what was known keeps its owner and its first day. */
export const standing = (
  found: readonly DriftFinding[],
  known: readonly KnownFinding[],
  at: Timestamp,
): readonly KnownFinding[] =>
  found
    .filter(({ kind }) => kind !== "noise")
    .map(({ address }) => {
      const before = known.find((one) => one.address === address);
      return { address, firstSeen: before?.firstSeen ?? at, lastSeen: at, owner: before?.owner ?? null };
    });
