import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { lintDisclosures } from "@fairway/config";
import type {
  DisclosureFacts,
  DisclosureState,
  DutyPlan,
  NoticeStanding,
  PackReceipt,
  Release,
  ReleaseId,
  ReleasePack,
  Repository,
  Timestamp,
} from "@fairway/core";
import {
  dayOf,
  disclosureDuty,
  disclosureState,
  FairwayError,
  noticeDuty,
  noticeStanding,
  peopleOf,
} from "@fairway/core";
import { whoActs } from "../audit/acting.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { recordChange } from "../store/audit.ts";
import type { CommitContent } from "../store/contents.ts";
import { commitsShowing, contentOfCommit, keepContent, keepReceipt, receiptsOf } from "../store/contents.ts";
import { evidenceAbout } from "../store/duty-records.ts";
import type { Sql, Store } from "../store/store.ts";

/** Somebody's yes to texts. */
export interface DisclosureApproval {
  readonly by: string;
  readonly at: Timestamp;
}

/** What a commit shows its users, and how that stands. */
export interface StandingDisclosures extends DisclosureFacts {
  readonly state: DisclosureState;
  readonly approved: DisclosureApproval | null;
}

/** Who has what a release says. */
export interface ReleaseNotice {
  readonly release: ReleaseId;
  readonly pack: ReleasePack;
  readonly receipts: readonly PackReceipt[];
  readonly standing: NoticeStanding;
}

/** What releases show their users, and who was told before. */
export interface ContentControl {
  /** What a commit shows; it is looked at once. */
  ofCommit(sha: string): Promise<CommitContent>;
  /** Null where the commit has no rules. */
  disclosures(sha: string): Promise<StandingDisclosures | null>;
  /**
   * The yes of somebody whose role it is and who wrote none of it, to what has this digest. Throws `not_found`,
   * `stale_approval`, `not_allowed_now` while something is wrong, and `denied`.
   */
  approve(wish: {
    readonly sha: string;
    readonly digest: string | null;
    readonly note: string;
  }): Promise<StandingDisclosures>;
  /** Null where the release's commit says nothing of a notice. */
  notice(release: ReleaseId): Promise<ReleaseNotice | null>;
  /** Tells the channels that a pack is there for those who have to have it. May be repeated. Throws `not_found`. */
  send(release: ReleaseId): Promise<ReleaseNotice>;
  /**
   * Somebody says for a role that they have the pack that has this digest. Throws `not_found`, `stale_approval`, `denied`,
   * `bad_request`.
   */
  receive(wish: {
    readonly release: ReleaseId;
    readonly role: string | null;
    readonly digest: string | null;
  }): Promise<ReleaseNotice>;
}

export interface ContentParts {
  readonly store: Store;
  readonly repository: Pick<Repository, "checkout" | "authors">;
  /** A folder for checkouts. */
  readonly scratch: string;
  readonly duties: Pick<DutyControl, "inForce" | "attest">;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly now: () => number;
}

export function contentControl(parts: ContentParts): ContentControl {
  const { store, duties, releaseOf, now } = parts;
  const ofCommit = contentReader(parts);

  async function disclosures(sha: string): Promise<StandingDisclosures | null> {
    const { disclosures: facts } = await ofCommit(sha);
    return facts === null ? null : standingDisclosures(store, facts);
  }

  async function noticeOf(release: ReleaseId): Promise<ReleaseNotice | null> {
    const { pack } = await ofCommit((await releaseOf(release)).revision.sha);
    if (pack === null) return null;
    const receipts = await receiptsOf(store, pack.digest);
    return { release, pack, receipts, standing: noticeStanding(pack, receipts, now()) };
  }

  const noticeNeeded = async (release: ReleaseId): Promise<ReleaseNotice> => {
    const found = await noticeOf(release);
    if (found !== null) return found;
    throw new FairwayError("not_found", `the commit of ${release} says nothing of a notice`, {
      hint: "write ops/notice.yaml: docs/how-to/tell-before-a-release.md",
    });
  };

  return {
    ofCommit,
    disclosures,
    async approve({ sha, digest, note }) {
      const found = await disclosures(sha);
      if (found === null)
        throw new FairwayError("not_found", `${sha.slice(0, 12)} has no rules for disclosures`, {
          hint: "write ops/disclosures.yaml: docs/how-to/disclosures.md",
        });
      if (digest !== null && digest !== found.digest)
        throw new FairwayError("stale_approval", `what users see has changed: it is ${found.digest.slice(0, 12)} now`, {
          hint: "read it again: fairway disclosures show",
        });
      if (found.findings.length > 0)
        throw new FairwayError("not_allowed_now", `${found.findings.length} of its texts are not as they must be`, {
          hint: "see which: fairway disclosures show",
        });
      const { plan } = await duties.inForce();
      const owner = plan.duties.find(({ id }) => id === disclosureDuty)?.owner;
      if (owner === undefined)
        throw new FairwayError("not_found", `no duty ${disclosureDuty} holds yet`, {
          hint: "read them: fairway duties read",
        });
      assertRole(plan, [owner], dayOf(now()));
      await assertNoAuthor(parts.repository, sha);
      await duties.attest({
        ...{ duty: disclosureDuty, release: null, outcome: "passed", note },
        facts: { digest: found.digest, commit: sha },
      });
      const same = await commitsShowing(store, found.digest);
      await store.transaction(async (tx) => {
        for (const of of same) tx.emit({ kind: "disclosures.changed", subject: of, body: null });
      });
      return (await disclosures(sha)) ?? found;
    },
    notice: noticeOf,
    async send(release) {
      const found = await noticeNeeded(release);
      await store.transaction(async (tx) => {
        recordChange(tx, "notice.sent", {
          subject: release,
          environment: null,
          detail: { digest: found.pack.digest, to: [...found.pack.to] },
        });
        tx.emit({
          kind: "notice.sent",
          subject: release,
          body: {
            ...{ digest: found.pack.digest, to: [...found.pack.to] },
            files: found.pack.files.map(({ path }) => path),
          },
        });
      });
      return found;
    },
    async receive({ release, role, digest }) {
      const { pack } = await noticeNeeded(release);
      if (digest !== null && digest !== pack.digest)
        throw new FairwayError(
          "stale_approval",
          `the pack of ${release} is ${pack.digest.slice(0, 12)}, and not that one`,
        );
      const { plan } = await duties.inForce();
      const { name, id } = whoActs();
      const own = pack.to.filter((one) =>
        peopleOf(plan.roles, one, dayOf(now())).some((of) => of === name || of === id),
      );
      const roles = role === null ? own : [role];
      const unknown = roles.filter((one) => !pack.to.includes(one));
      if (roles.length === 0 || unknown.length > 0)
        throw new FairwayError("bad_request", `say for which role: ${pack.to.join(" or ")}`, {
          hint: `fairway notice receive ${release} --role ${pack.to[0] ?? ""}`,
        });
      for (const one of roles) assertRole(plan, [one], dayOf(now()));
      await store.transaction(async (tx) => {
        for (const one of roles) await keepReceipt(tx, { digest: pack.digest, role: one, by: name, release });
      });
      const received = await noticeNeeded(release);
      const hasAll = received.standing.state !== "unknown";
      // What holds is worked out from the receipts; the record says when the last was there.
      if (hasAll && plan.duties.some((duty) => duty.id === noticeDuty))
        await duties.attest({
          ...{ duty: noticeDuty, release, outcome: "passed", automation: "receipts" },
          facts: { digest: pack.digest, from: received.standing.from },
        });
      return received;
    },
  };
}

/** Looks at what commits show, each once; several at once look once. */
export function contentReader({
  store,
  repository,
  scratch,
}: Pick<ContentParts, "store" | "repository" | "scratch">): ContentControl["ofCommit"] {
  const looking = new Map<string, Promise<CommitContent>>();
  const look = async (sha: string): Promise<CommitContent> => {
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    const directory = await mkdtemp(join(scratch, "content-"));
    try {
      const checkout = join(directory, "checkout");
      await repository.checkout(sha, checkout);
      const config = await import("@fairway/config");
      const linted = await config.lintDisclosures(checkout);
      const content = { disclosures: factsOf(sha, linted), pack: config.releasePack(checkout) };
      await store.transaction((tx) => keepContent(tx, sha, content));
      return content;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };
  return async (sha) => {
    const known = await contentOfCommit(store, sha);
    if (known !== null) return known;
    const running = looking.get(sha) ?? look(sha).finally(() => looking.delete(sha));
    looking.set(sha, running);
    return running;
  };
}

type Linted = Awaited<ReturnType<typeof lintDisclosures>>;

/** Rules that nobody can read hold nothing, and so they pass nothing. */
function factsOf(sha: string, linted: Linted): DisclosureFacts | null {
  if (linted === null) return null;
  if (!("problems" in linted)) return { sha, digest: linted.digest, findings: linted.findings };
  const findings = linted.problems.map(({ file, line, message }) => ({
    file,
    line,
    code: "unreadable" as const,
    message,
  }));
  return { sha, digest: "", findings };
}

/** How what a commit shows stands. */
export async function standingDisclosures(sql: Sql, facts: DisclosureFacts): Promise<StandingDisclosures> {
  const evidence = await evidenceAbout(sql, { duty: disclosureDuty, release: null, limit: 200 });
  const yes = evidence.find(
    ({ outcome, facts: shown }) => outcome === "passed" && facts.digest !== "" && shown["digest"] === facts.digest,
  );
  const approved = yes === undefined ? null : { by: yes.by.name, at: yes.recordedAt };
  return { ...facts, approved, state: disclosureState(facts, yes === undefined ? null : facts.digest) };
}

/** Where people log in, somebody speaks for their own roles only. Throws `denied`. */
function assertRole(plan: DutyPlan, roles: readonly string[], today: string): void {
  const actor = whoActs();
  if (actor.id === "local") return;
  const { name, id } = actor.owner ?? actor;
  const people = roles.flatMap((role) => peopleOf(plan.roles, role, today));
  if (people.includes(name) || people.includes(id)) return;
  throw new FairwayError("denied", `only ${roles.join(" or ")} says that`);
}

/** Nobody says yes to what they wrote. Throws `denied`. */
async function assertNoAuthor(repository: Pick<Repository, "authors">, sha: string): Promise<void> {
  const actor = whoActs();
  if (actor.id === "local") return;
  const names = [actor, ...(actor.owner === undefined ? [] : [actor.owner])].flatMap(({ name, id }) => [name, id]);
  const authors = (await repository.authors(null, sha)).flatMap(({ name, email }) => [name, email]);
  if (names.some((name) => authors.includes(name)))
    throw new FairwayError("denied", "whoever wrote it cannot say yes to it");
}
