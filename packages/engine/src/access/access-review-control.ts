import type {
  AccessChoice,
  AccessDecision,
  AccessReview,
  AuditEntry,
  Duty,
  AccountPrincipal as Principal,
  ReviewedPrincipal,
} from "@fairway/core";
import { decisionObstacle, FairwayError, reviewOutcome, revokedBefore } from "@fairway/core";
import { whoActs } from "../audit/acting.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { asJson } from "../stages/release-run.ts";
import { recordChange } from "../store/audit.ts";
import { auditEntries } from "../store/audit-rows.ts";
import { recordEvidence } from "../store/duty-records.ts";
import type { Sql, Store, Transaction } from "../store/store.ts";

/** Reviews of who can do what, each of one duty `…:access-review`. All of it is rows of the record. */
export interface AccessReviewControl {
  /** The newest of each duty. */
  list(): Promise<readonly AccessReview[]>;
  /** Throws `not_found`. */
  byNumber(number: number): Promise<AccessReview>;
  /**
   * Begins one with everybody that a system lists. Who was to be revoked before and is there still turns the duty red at once.
   * Throws `not_found`, and `bad_request` of a duty that is no review, or without anybody.
   */
  open(asked: {
    readonly duty: string;
    readonly system: string;
    readonly principals: readonly Principal[];
  }): Promise<AccessReview>;
  /**
   * Says what becomes of one. With the last of them the duty is shown. Throws `denied` about oneself, `not_found`,
   * `not_allowed_now`.
   */
  decide(asked: {
    readonly number: number;
    readonly principal: string;
    readonly choice: AccessChoice;
    readonly because: string;
  }): Promise<AccessReview>;
}

const shortestReason = 3;
const ofAccess = ":access-review";

export function accessReviewControl({
  store,
  duties,
  now,
}: {
  readonly store: Store;
  readonly duties: Pick<DutyControl, "inForce">;
  readonly now: () => number;
}): AccessReviewControl {
  const dutyNamed = async (id: string): Promise<{ readonly duty: Duty; readonly commit: string }> => {
    const { plan } = await duties.inForce();
    const duty = plan.duties.find((one) => one.id === id);
    if (duty === undefined)
      throw new FairwayError("not_found", `there is no duty ${id}`, { hint: "see which there are: fairway duties" });
    return { duty, commit: plan.commit };
  };
  const show = (
    tx: Transaction,
    { duty, commit }: { readonly duty: Duty; readonly commit: string },
    review: AccessReview,
    found: { readonly outcome: "passed" | "failed"; readonly note: string },
  ): void =>
    recordEvidence(tx, {
      ...{ duty: duty.id, environment: duty.environment, release: null, ...found, automation: null },
      facts: { review: review.number, system: review.system, principals: review.principals.length },
      observedAt: new Date(now()).toISOString(),
      ...{ artifacts: [], digest: duty.digest, validUntil: null, slot: null, corrects: null, commit },
    });
  return {
    async list() {
      const { plan } = await duties.inForce();
      const owed = plan.duties.filter(({ id }) => id.endsWith(ofAccess));
      const found = await Promise.all(owed.map(({ id }) => newest(store, id)));
      return found.filter((one) => one !== null);
    },
    byNumber: (number) => byNumber(store, number),
    async open({ duty: id, system, principals }) {
      const of = await dutyNamed(id);
      if (!id.endsWith(ofAccess))
        throw new FairwayError("bad_request", `no list of people shows ${id}`, {
          hint: `name a duty that ends with ${ofAccess}: fairway duties`,
        });
      const twice = principals.find(
        (one, index) => principals.findIndex(({ principal }) => principal === one.principal) !== index,
      );
      if (principals.length === 0 || twice !== undefined)
        throw new FairwayError(
          "bad_request",
          twice === undefined ? "nobody is listed" : `${twice.principal} is listed twice`,
        );
      await store.transaction(async (tx) => {
        await oneAtATime(tx, id);
        const before = await newest(tx, id);
        const listed = revokedBefore(principals, before);
        const left = listed.filter((one, index) => one !== principals[index]);
        recordChange(tx, "access.listed", {
          subject: id,
          environment: of.duty.environment,
          detail: { system, principals: asJson(listed) },
        });
        if (left.length > 0 && before !== null)
          show(tx, of, before, {
            outcome: "failed",
            note: `to be revoked since ${before.at.slice(0, 10)}, and still there: ${left.map(({ principal }) => principal).join(", ")}`,
          });
      });
      const opened = await newest(store, id);
      if (opened === null) throw new FairwayError("internal", `no review of ${id} is on record`);
      return opened;
    },
    async decide({ number, principal, choice, because }) {
      const { duty: id } = await byNumber(store, number);
      const of = await dutyNamed(id);
      const { id: actor, name, owner } = whoActs();
      const obstacle = decisionObstacle(principal, [
        name,
        actor,
        ...(owner === undefined ? [] : [owner.name, owner.id]),
      ]);
      if (obstacle !== null) throw new FairwayError("denied", obstacle, { hint: "ask somebody else to decide" });
      if (because.trim().length < shortestReason) throw new FairwayError("bad_request", "say why");
      await store.transaction(async (tx) => {
        await oneAtATime(tx, id);
        const review = await byNumber(tx, number);
        const latest = await newest(tx, id);
        if (latest?.number !== number)
          throw new FairwayError("not_allowed_now", `review ${number} is over: ${latest?.number ?? 0} came after it`);
        const one = review.principals.find((listed) => listed.principal === principal);
        if (one === undefined) throw new FairwayError("not_found", `${principal} is not in review ${number}`);
        recordChange(tx, "access.decided", {
          subject: id,
          environment: of.duty.environment,
          detail: { review: number, principal, choice, because },
        });
        const decision: AccessDecision = { principal, choice, because, by: name, at: new Date(now()).toISOString() };
        const principals = review.principals.map((each) =>
          each.principal === principal ? { ...each, decision } : each,
        );
        const open = principals.filter((each) => each.decision === null).length;
        const outcome = reviewOutcome({ principals, open });
        if (outcome !== null) show(tx, of, review, outcome);
      });
      return byNumber(store, number);
    },
  };
}

/** Two who decide about the last two at once would each leave the other's out. */
const oneAtATime = (tx: Transaction, duty: string): Promise<unknown> =>
  tx.rows("select pg_advisory_xact_lock(hashtextextended($1, 13))", [`access review ${duty}`]);

async function newest(sql: Sql, duty: string): Promise<AccessReview | null> {
  const [listed] = await auditEntries(sql, { action: "access.listed", subject: duty, limit: 1 });
  return listed === undefined ? null : reviewOf(sql, listed);
}

async function byNumber(sql: Sql, number: number): Promise<AccessReview> {
  const [listed] = await auditEntries(sql, { action: "access.listed", before: number + 1, limit: 1 });
  if (listed?.number !== number)
    throw new FairwayError("not_found", `there is no review ${number}`, {
      hint: "see which there are: fairway access",
    });
  return reviewOf(sql, listed);
}

async function reviewOf(sql: Sql, { number, at, actor, subject, detail }: AuditEntry): Promise<AccessReview> {
  const { system, principals } = detail as unknown as {
    readonly system: string;
    readonly principals: readonly Principal[];
  };
  const entries = await auditEntries(sql, { action: "access.decided", subject, limit: 10_000 });
  const decisions = new Map<string, AccessDecision>();
  // The newest come first: what was said last of somebody counts.
  for (const entry of entries) {
    const said = entry.detail as unknown as Omit<AccessDecision, "by" | "at"> & { readonly review: number };
    if (said.review !== number || decisions.has(said.principal)) continue;
    const { principal, choice, because } = said;
    decisions.set(principal, { principal, choice, because, by: entry.actor.name, at: entry.at });
  }
  const reviewed = principals.map(({ principal, kind, access, lastUsed, concerns }): ReviewedPrincipal => ({
    ...{ principal, kind, access, lastUsed, concerns },
    decision: decisions.get(principal) ?? null,
  }));
  const open = reviewed.filter(({ decision }) => decision === null).length;
  return { number, duty: subject, system, at, by: actor.name, principals: reviewed, open };
}
