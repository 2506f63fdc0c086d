import type { Millis, Timestamp } from "../units.ts";

/** What support and others have to have before a release is deployed. */
export interface ReleasePack {
  /** Of its files: releases with the same ones have the same pack. */
  readonly digest: string;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
  /** The roles that each say that they have it. */
  readonly to: readonly string[];
  readonly wait: Millis;
}

/** That somebody has a pack. */
export interface PackReceipt {
  readonly role: string;
  readonly by: string;
  readonly at: Timestamp;
}

/** The name of the duty that a notice is evidence of. */
export const noticeDuty = "notice:release";

/** How a notice stands: it is well once every role has had this pack for its time. */
export interface NoticeStanding {
  readonly state: "ok" | "due" | "unknown";
  readonly why: string;
  /** From when on it counts; null where nobody knows yet. */
  readonly from: Timestamp | null;
}

/** How the notice of a pack stands at a moment. Who has it first, has it: a second receipt moves nothing. */
export function noticeStanding(
  { to, wait }: Pick<ReleasePack, "to" | "wait">,
  receipts: readonly PackReceipt[],
  now: number,
): NoticeStanding {
  const had = to.map((role) => receipts.filter((one) => one.role === role).map(({ at }) => Date.parse(at)));
  const missing = to.filter((_role, index) => had[index]?.length === 0);
  if (missing.length > 0) {
    const why = `${missing.join(" and ")} ${missing.length === 1 ? "does" : "do"} not have its pack`;
    return { state: "unknown", why, from: null };
  }
  const from = Math.max(...had.map((times) => Math.min(...times))) + wait;
  const at = new Date(from).toISOString();
  return now >= from
    ? { state: "ok", why: `all have had its pack since ${new Date(from - wait).toISOString()}`, from: at }
    : { state: "due", why: `counts from ${at} on`, from: at };
}
