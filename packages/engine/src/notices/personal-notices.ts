import type { Digest, Notice, NoticeChannel, RunId } from "@fairway/core";
import type { ApproverToTell } from "./approvers-to-tell.ts";

/** A gate that a notice asks about, and that a link may answer. */
export interface AskedGate {
  readonly run: RunId;
  readonly job: string;
  readonly attempt: number;
  readonly digest: Digest;
}

type Unsent = Omit<Notice, "id" | "at">;

/**
 * The notices of a question for a channel: where it reaches people by addresses of their own, whoever may answer is written to
 * alone, with a link of theirs; all others, and places that many read, are told without one. With `about` each is known again.
 */
export function noticesFor(
  { place }: Pick<NoticeChannel, "place">,
  found: { readonly about: string; readonly notice: Unsent; readonly gate?: AskedGate | undefined },
  approvers: readonly ApproverToTell[],
): readonly { readonly about: string; readonly notice: Unsent }[] {
  const { about, notice, gate } = found;
  const plain = { about, notice };
  if (gate === undefined || (place.kind !== "email" && !(place.kind === "slack" && place.links === true)))
    return [plain];
  const written = place.kind === "email" ? new Set(place.to.map(bare)) : null;
  const told = approvers.filter(({ email }) => written === null || written.has(bare(email)));
  const personal = told.map(({ id, name, email }) => ({
    about: `${about} for ${id}`,
    notice: { ...notice, thread: `${notice.thread} ${id}`, personal: { person: id, name, address: email, ...gate } },
  }));
  if (place.kind !== "email") return [plain, ...personal];
  const mine = new Set(told.map(({ email }) => bare(email)));
  const others = place.to.filter((address) => !mine.has(bare(address)));
  return [...(others.length === 0 ? [] : [{ about, notice: { ...notice, to: others } }]), ...personal];
}

/** `Ann <Ann@example.com>` → `ann@example.com`. */
const bare = (address: string): string => (/<([^<>]+)>\s*$/.exec(address)?.[1] ?? address).trim().toLowerCase();
