import type { BuiltInFacts, CronClock, Digest, DutyFindings, DutyPlan, GateDecision, ReleaseId } from "@fairway/core";
import { FairwayError, gateDecisionOf, isOfContent, keptFindings, withFound } from "@fairway/core";
import { digestOf } from "../digest.ts";
import type { Json } from "../runs/stage.ts";
import { recordChange } from "../store/audit.ts";
import { auditEntries } from "../store/audit-rows.ts";
import { endOfRecord } from "../store/duty-records.ts";
import type { Store } from "../store/store.ts";
import type { FactsAsked } from "./built-in-facts.ts";
import type { GateAsked, Moment } from "./decision-at.ts";
import { decisionAt } from "./decision-at.ts";
import type { DutyReader } from "./duties-in-force.ts";
import type { DutiesOwed } from "./duties-owed.ts";
import { nothingFound } from "./duties-owed.ts";

/** A decision that is on record, and whether it comes out the same again. */
export interface ReplayedDecision {
  readonly number: number;
  readonly digest: Digest;
  readonly same: boolean;
  readonly decision: GateDecision;
}

/** What decisions are made with. */
export interface GateDecisionParts {
  readonly store: Store;
  readonly clock: CronClock;
  /** What Fairway knows itself of an environment; nothing when left out. */
  readonly facts?: (asked: FactsAsked) => Promise<BuiltInFacts>;
  /** Names of those who gain when a release gets through to an environment; nobody when left out. */
  readonly gaining?: (release: ReleaseId | null, environment: string) => Promise<readonly string[]>;
  readonly now: () => number;
}

/** Whether environments take releases. */
export interface GateDecisions {
  /** Whether an environment takes a release; nothing is put on record. */
  readiness(asked: Omit<GateAsked, "release"> & { readonly release: ReleaseId | null }): Promise<GateDecision>;
  /** The same, put on record with all that it was made of. */
  decide(asked: GateAsked): Promise<GateDecision>;
  /** Works a decision out again from what was known then. Throws `not_found`. */
  replay(number: number): Promise<ReplayedDecision>;
}

/** Decides, puts decisions on record, and reads them again from there. */
export function gateDecisions(
  parts: GateDecisionParts,
  reader: DutyReader,
  inForce: () => Promise<DutiesOwed>,
): GateDecisions {
  const { store, clock, now } = parts;

  /** Whether an environment takes a release, and what that was found out from. */
  async function decided(
    plan: DutyPlan,
    asked: Omit<GateAsked, "release"> & { readonly release: ReleaseId | null },
    moment: Moment,
  ): Promise<{
    readonly decision: GateDecision;
    readonly facts: BuiltInFacts | null;
    readonly dropped: readonly number[];
  }> {
    const { environment, release, run = null } = asked;
    assertRemedies(plan, asked.remedies);
    const content = plan.duties.some(({ id }) => isOfContent(id));
    const facts = (await parts.facts?.({ environment, release, run, content })) ?? null;
    const gains = async (): Promise<readonly string[]> => (await parts.gaining?.(release, environment)) ?? [];
    return { facts, ...(await decisionAt(store, plan, asked, { ...moment, facts, gains })) };
  }

  return {
    async readiness(asked) {
      const { plan } = await inForce();
      return (await decided(plan, asked, { at: now(), clock })).decision;
    },
    async decide(asked) {
      const { plan, digest: policy, found } = await inForce();
      if (asked.reason === "rollback" || !plan.gates.some(({ environment }) => environment === asked.environment))
        return gateDecisionOf({ ...asked, plan, standings: [] });
      const [head, at] = [await endOfRecord(store), now()];
      const { decision, facts, dropped } = await decided(plan, asked, { at, clock, head });
      await store.transaction(async (tx) =>
        recordChange(tx, "gate.decided", {
          subject: asked.release,
          environment: asked.environment,
          detail: {
            ready: decision.ready,
            ...{ policy, head, reason: asked.reason, remedies: [...asked.remedies] },
            at: new Date(at).toISOString(),
            facts: facts as unknown as Json,
            found: keptFindings(found) as unknown as Json,
            dropped: [...dropped],
            digest: digestOf(decision),
            blocking: decision.rows.filter(({ blocks }) => blocks).map(({ duty }) => duty),
          },
        }),
      );
      return decision;
    },
    async replay(number) {
      const [entry] = await auditEntries(store, { action: "gate.decided", before: number + 1, limit: 1 });
      if (entry?.number !== number)
        throw new FairwayError("not_found", `row ${number} of the record is no decision of a gate`);
      const {
        policy,
        head,
        at,
        digest,
        reason,
        remedies,
        facts = null,
        found = nothingFound,
        dropped = [],
      } = entry.detail as unknown as Decided;
      const asked = { environment: entry.environment ?? "", release: entry.subject as ReleaseId, reason, remedies };
      const plan = withFound(await reader.plan(policy), found);
      const moment = { at: Date.parse(at), clock, head, facts, dropped };
      const { decision } = await decisionAt(store, plan, asked, moment);
      return { number, digest, same: digestOf(decision) === digest, decision };
    },
  };
}

interface Decided {
  readonly policy: Digest | null;
  readonly head: number;
  readonly at: string;
  readonly digest: Digest;
  readonly reason: "deploy" | "rollback";
  readonly remedies: readonly string[];
  /** What Fairway knew itself; older decisions have none. */
  readonly facts?: BuiltInFacts | null;
  /** What it had found besides; older decisions have none. */
  readonly found?: DutyFindings;
  /** The waivers that did not count, because who gave them gained by it. */
  readonly dropped?: readonly number[];
}

/**
 * A deployment that exchanges a key passes the key's own row and nothing else. Throws `bad_request` for anything that is none.
 */
function assertRemedies({ duties }: DutyPlan, remedies: readonly string[]): void {
  const wrong = remedies.filter(
    (id) => !id.startsWith("credential/") || !duties.some((duty) => duty.id === id && duty.mend === undefined),
  );
  if (wrong.length > 0)
    throw new FairwayError("bad_request", `a deployment cannot remedy ${wrong.join(", ")}`, {
      hint: "only a credential's duty: fairway duties list",
    });
}
