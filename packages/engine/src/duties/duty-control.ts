import type {
  Actor,
  BuiltInFacts,
  CronClock,
  Digest,
  Duty,
  DutyPlan,
  DutyStanding,
  Evidence,
  DutyFindings,
  GateDecision,
  NewEvidence,
  ReleaseId,
  RunId,
} from "@fairway/core";
import {
  FairwayError,
  fitsSelector,
  gateDecisionOf,
  isBuiltIn,
  isOfContent,
  keptFindings,
  waiverObstacle,
  withBuiltIns,
  withFound,
} from "@fairway/core";
import { actingAs, whoActs } from "../audit/acting.ts";
import { digestOf } from "../digest.ts";
import { recordChange } from "../store/audit.ts";
import { auditEntries } from "../store/audit-rows.ts";
import { endOfRecord, evidenceAbout, newestOfReleases, recordEvidence } from "../store/duty-records.ts";
import { releaseById } from "../store/releases.ts";
import { assertMayCount } from "./assert-may-count.ts";
import type { FactsAsked } from "./built-in-facts.ts";
import type { Json } from "../runs/stage.ts";
import type { DutiesInForce, DutyReader, DutyReaderParts } from "./duties-in-force.ts";
import { completedEvidence } from "./completed-evidence.ts";
import { decisionAt, standingsAt } from "./decision-at.ts";
import type { Moment } from "./decision-at.ts";
import { dutyReader } from "./duties-in-force.ts";
import { writtenTogether } from "./written-together.ts";

/** Which duties are asked about. */
export interface StandingsQuery {
  /** Of this environment, and of none in particular. */
  readonly environment?: string | undefined;
  /** Of duties that are owed for each release: of this one. */
  readonly release?: string | null | undefined;
}

/**
 * What somebody says of a duty. What a run has found out is of the commit and the files that it was begun with, whatever is in
 * force by the time that it ends; without those it is of what is in force.
 */
export type Attestation = Pick<NewEvidence, "duty" | "outcome" | "release"> &
  Partial<Omit<NewEvidence, "duty" | "outcome" | "release">>;

/** A decision that is on record, and whether it comes out the same again. */
export interface ReplayedDecision {
  readonly number: number;
  readonly digest: Digest;
  readonly same: boolean;
  readonly decision: GateDecision;
}

/** That somebody wants to know whether an environment takes a release. */
export interface GateAsked {
  readonly environment: string;
  readonly release: ReleaseId;
  readonly reason: "deploy" | "rollback";
  /** Credentials' duties that the deployment itself sets right. */
  readonly remedies: readonly string[];
  /** The deployment that asks; absent before there is one. */
  readonly run?: RunId;
}

/** The duties that hold, and what is owed besides. */
export interface DutiesOwed extends DutiesInForce {
  /** All that is owed. */
  readonly plan: DutyPlan;
  /** What the files of the commit say alone. */
  readonly written: DutyPlan;
  readonly found: DutyFindings;
}

/** What people owe, how that stands, and whether environments take releases. */
export interface DutyControl {
  readonly reader: DutyReader;
  /** The duties that hold, with those that no file says and that come of what was `found`. */
  inForce(): Promise<DutiesOwed>;
  standings(query: StandingsQuery): Promise<readonly DutyStanding[]>;
  /** How all stand, with what was shown last: of what is owed for each release of whichever it was. */
  standingsOfAll(newest: ReleaseId | null): Promise<readonly DutyStanding[]>;
  evidence(query: {
    readonly duty: string;
    readonly release: string | null;
    readonly limit: number;
  }): Promise<readonly Evidence[]>;
  /**
   * Puts on record what somebody has found. Throws `not_found` where there is no such duty or release, `bad_request`, and
   * `not_allowed_now` for the exchange of a key whose leaked value is still given, and for what Fairway sees itself.
   */
  attest(attestation: Attestation): Promise<Evidence>;
  /** Passes a duty over for a while. `gaining`: whoever profits by it. Throws `not_allowed_now` with why not. */
  waive(wish: {
    readonly duty: string;
    readonly release: string | null;
    readonly because: string;
    readonly until: number | null;
    readonly gaining: readonly string[];
  }): Promise<void>;
  /** Whether an environment takes a release; nothing is put on record. */
  readiness(asked: Omit<GateAsked, "release"> & { readonly release: ReleaseId | null }): Promise<GateDecision>;
  /** The same, put on record with all that it was made of. */
  decide(asked: GateAsked): Promise<GateDecision>;
  /** Works a decision out again from what was known then. Throws `not_found`. */
  replay(number: number): Promise<ReplayedDecision>;
}

/** What duties are looked after with. */
export interface DutyControlParts extends DutyReaderParts {
  readonly clock: CronClock;
  /** What Fairway knows itself of an environment; nothing when left out. */
  readonly facts?: (asked: FactsAsked) => Promise<BuiltInFacts>;
  /** What Fairway finds that no file says; nothing when left out. */
  readonly found?: (plan: DutyPlan) => Promise<DutyFindings>;
  /** Names of those who gain when a release gets through to an environment; nobody when left out. */
  readonly gaining?: (release: ReleaseId | null, environment: string) => Promise<readonly string[]>;
}

export function dutyControl(parts: DutyControlParts): DutyControl {
  const { store, clock, now } = parts;
  const reader = dutyReader(parts);

  async function inForce(): Promise<DutiesOwed> {
    const state = await reader.inForce();
    const written = await reader.plan(state.digest);
    const found = (await parts.found?.(written)) ?? nothingFound;
    return { ...state, plan: withFound(written, found), written, found };
  }

  const write = writtenTogether((items: readonly { readonly actor: Actor; readonly evidence: NewEvidence }[]) =>
    store.transaction(async (tx) => {
      for (const { actor, evidence } of items) actingAs(actor, () => recordEvidence(tx, evidence));
    }),
  );

  const standings = async ({ environment, release = null }: StandingsQuery): Promise<readonly DutyStanding[]> => {
    const { plan } = await inForce();
    const { standings: found } = await standingsAt(store, plan, { environment, release }, { at: now(), clock });
    const content = found.some(({ duty }) => isOfContent(duty.id));
    if (!content && !found.some(({ duty }) => isBuiltIn(duty.id))) return found;
    const asked = { environment: environment ?? null, release: release as ReleaseId | null, run: null, content };
    const facts = await parts.facts?.(asked);
    const known = facts === undefined ? found : withBuiltIns(found, facts);
    // Without an environment nobody can say of these how they stand.
    return environment === undefined ? known.filter(({ duty: { id } }) => !ofOnePlace.has(id)) : known;
  };

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

  async function dutyNamed(id: string): Promise<{ readonly plan: DutyPlan; readonly duty: Duty }> {
    const { plan } = await inForce();
    const found = plan.duties.find((duty) => duty.id === id);
    if (found !== undefined) return { plan, duty: found };
    const near = plan.duties.filter((duty) => fitsSelector(`*${id}*`, duty.id)).map((duty) => duty.id);
    const hint =
      near.length > 0 ? `did you mean ${near.slice(0, 5).join(", ")}?` : "see which there are: fairway duties";
    throw new FairwayError("not_found", `there is no duty ${id}`, { hint });
  }

  return {
    reader,
    inForce,
    standings,
    async standingsOfAll(newest) {
      const found = await standings({ release: newest });
      const unshown = found.filter(({ duty, newest: last }) => last === null && duty.cadence.kind === "release");
      if (unshown.length === 0) return found;
      const before = await newestOfReleases(
        store,
        unshown.map(({ duty }) => duty.id),
      );
      return found.map((one) => (one.newest === null ? { ...one, newest: before.get(one.duty.id) ?? null } : one));
    },
    evidence: (query) => evidenceAbout(store, query),
    async attest(attestation) {
      const { plan, duty } = await dutyNamed(attestation.duty);
      if (duty.mend !== undefined)
        throw new FairwayError("not_allowed_now", `no word shows ${duty.id}: Fairway sees itself how it stands`, {
          hint: duty.mend,
        });
      const at = now();
      const evidence = completedEvidence(attestation, duty, { at, commit: plan.commit });
      await assertMayCount(store, plan, evidence);
      if (evidence.release !== null) await releaseById(store, evidence.release as ReleaseId);
      await write({ actor: whoActs(), evidence });
      const [newest] = await evidenceAbout(store, { duty: duty.id, release: evidence.release, limit: 1 });
      if (newest === undefined) throw new FairwayError("internal", `nothing is on record of ${duty.id}`);
      return newest;
    },
    async waive({ duty: id, release, because, until, gaining }) {
      const { plan, duty } = await dutyNamed(id);
      const { id: actor, name, owner } = whoActs();
      const by = [name, actor, ...(owner === undefined ? [] : [owner.name, owner.id])];
      const obstacle = waiverObstacle({ duty: id, because, until, by, gaining }, plan, now());
      if (obstacle !== null || until === null)
        throw new FairwayError("not_allowed_now", `${id} is not waived: ${obstacle}`);
      await store.transaction(async (tx) =>
        recordChange(tx, "duty.waived", {
          subject: id,
          environment: duty.environment,
          detail: { because, until: new Date(until).toISOString(), release },
        }),
      );
    },
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

const nothingFound: DutyFindings = { day: "", tokens: [], drift: [] };

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

/** Of an environment, and of nothing else. */
const ofOnePlace: ReadonlySet<string> = new Set(["freeze:none", "approval:release"]);

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
