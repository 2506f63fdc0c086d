import type { Actor } from "../people/actor.ts";
import type { Millis } from "../units.ts";

/** Whose yes counts, beyond who may approve at all: somebody by name, or whoever has a role there. */
export type ApproverRule = { readonly role: string } | { readonly person: string };

/** Who answers, with what decides whether that counts. */
export interface Approver {
  /** Of the person; a token answers for the one it belongs to. */
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  /** That they have in the environment. */
  readonly roles: readonly string[];
}

/** Who wrote a commit, or helped to. */
export interface CommitAuthor {
  readonly name: string;
  readonly email: string;
}

/** What an approval is held to. Where a term is absent nothing is asked. */
export interface ApprovalTerms {
  readonly from?: readonly ApproverRule[] | undefined;
  /** An answer that is older counts no more. */
  readonly expires?: Millis | undefined;
  /** Who asked for it, or whose token did. */
  readonly requester?: Pick<Actor, "id" | "name" | "owner"> | undefined;
  /** Whose push it came by, as git or the forge names them, where nobody asked Fairway itself. */
  readonly sender?: CommitAuthor | undefined;
  /** Of the commits that it brings. */
  readonly authors?: readonly CommitAuthor[] | undefined;
}

/** Who first asked for what Fairway does by itself now: a deployment after a release is theirs who asked for the release. */
export type Asker = Pick<ApprovalTerms, "requester" | "sender">;

/**
 * Why somebody's yes would not count, as the end of a sentence that begins with their name; null when it would. Whoever
 * asked for a change, or wrote part of it, sees no better what is wrong with it the second time.
 */
export function whyNotCounted(
  approver: Approver,
  { from = [], requester, sender, authors = [] }: ApprovalTerms,
): string | null {
  if (requester !== undefined && (requester.owner?.id ?? requester.id) === approver.id)
    return requester.owner === undefined ? "asked for it" : "made the token that asked for it";
  if (sender !== undefined && isSame(sender, approver)) return "pushed what it came by";
  if (authors.some((author) => isSame(author, approver))) return "wrote commits of it";
  if (from.length > 0 && !from.some((rule) => fits(rule, approver)))
    return `is none of those who may: ${from.map((rule) => ("role" in rule ? `the role ${rule.role}` : rule.person)).join(", ")}`;
  return null;
}

/**
 * By address where there is one; git's names are whatever their authors wrote, so the same name is taken for the same person.
 */
function isSame(author: CommitAuthor, { name, email }: Approver): boolean {
  return (email !== null && same(author.email, email)) || same(author.name, name) || same(author.email, name);
}

const fits = (rule: ApproverRule, { name, email, roles }: Approver): boolean =>
  "role" in rule ? roles.includes(rule.role) : same(rule.person, name) || (email !== null && same(rule.person, email));

const same = (one: string, other: string): boolean =>
  one.normalize("NFC").trim().toLowerCase() === other.normalize("NFC").trim().toLowerCase();
