import type {
  Actor,
  BuiltInFacts,
  CronClock,
  Digest,
  Duty,
  DutyPlan,
  DutyStanding,
  Evidence,
  GateDecision,
  NewEvidence,
  ReleaseId,
  RunId,
  Waiver,
} from "@fairway/core";
import {
  FairwayError,
  fitsSelector,
  gateDecisionOf,
  isBuiltIn,
  isOfContent,
  standingOf,
  waiverObstacle,
  withBuiltIns,
} from "@fairway/core";
import { actingAs, whoActs } from "../audit/acting.ts";
import { digestOf } from "../digest.ts";
import { recordChange } from "../store/audit.ts";
import { auditEntries } from "../store/audit-rows.ts";
import { dutyRecords, endOfRecord, evidenceAbout, newestOfReleases, recordEvidence } from "../store/duty-records.ts";
import { releaseById } from "../store/releases.ts";
import type { Store } from "../store/store.ts";
import { assertMayCount } from "./assert-may-count.ts";
import type { FactsAsked } from "./built-in-facts.ts";
import type { EndingToken } from "./ending-tokens.ts";
import { endingTokens } from "./ending-tokens.ts";
import type { Json } from "../runs/stage.ts";
import type { DutiesInForce, DutyReader, DutyReaderParts } from "./duties-in-force.ts";
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

/** What people owe, how that stands, and whether environments take releases. */
export interface DutyControl {
  readonly reader: DutyReader;
  inForce(): Promise<DutiesInForce & { readonly plan: DutyPlan }>;
  standings(query: StandingsQuery): Promise<readonly DutyStanding[]>;
  /** How all stand, with what was shown last: of what is owed for each release of whichever it was. */
  standingsOfAll(newest: ReleaseId | null): Promise<readonly DutyStanding[]>;
  /** Fairway's own API tokens that end soon or have ended lately. */
  endingTokens(): Promise<readonly EndingToken[]>;
  evidence(query: {
    readonly duty: string;
    readonly release: string | null;
    readonly limit: number;
  }): Promise<readonly Evidence[]>;
  /**
   * Puts on record what somebody has found. Throws `not_found` where there is no such duty or release, `bad_request`, and
   * `not_allowed_now` for the exchange of a key whose leaked value is still given.
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
  /** Names of those who gain when a release gets through to an environment; nobody when left out. */
  readonly gaining?: (release: ReleaseId | null, environment: string) => Promise<readonly string[]>;
}

export function dutyControl(parts: DutyControlParts): DutyControl {
  const { store, clock, now } = parts;
  const reader = dutyReader(parts);

  async function inForce(): Promise<DutiesInForce & { readonly plan: DutyPlan }> {
    const state = await reader.inForce();
    return { ...state, plan: await reader.plan(state.digest) };
  }

  const write = writtenTogether((items: readonly { readonly actor: Actor; readonly evidence: NewEvidence }[]) =>
    store.transaction(async (tx) => {
      for (const { actor, evidence } of items) actingAs(actor, () => recordEvidence(tx, evidence));
    }),
  );

  const standings = async ({ environment, release = null }: StandingsQuery): Promise<readonly DutyStanding[]> => {
    const { plan } = await inForce();
    const { standings: found } = await standingsOf(store, plan, { environment, release }, { at: now(), clock });
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
    return { facts, ...(await decisionOf(store, plan, asked, { ...moment, facts, gains })) };
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
    endingTokens: () => endingTokens(store, now()),
    evidence: (query) => evidenceAbout(store, query),
    async attest(attestation) {
      const { plan, duty } = await dutyNamed(attestation.duty);
      const at = now();
      const evidence = completed(attestation, duty, { at, commit: plan.commit });
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
      const { plan, digest: policy } = await inForce();
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
        dropped = [],
      } = entry.detail as unknown as Decided;
      const asked = { environment: entry.environment ?? "", release: entry.subject as ReleaseId, reason, remedies };
      const plan = await reader.plan(policy);
      const moment = { at: Date.parse(at), clock, head, facts, dropped };
      const { decision } = await decisionOf(store, plan, asked, moment);
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
  /** The waivers that did not count, because who gave them gained by it. */
  readonly dropped?: readonly number[];
}

/** Of an environment, and of nothing else. */
const ofOnePlace: ReadonlySet<string> = new Set(["freeze:none", "approval:release"]);

/**
 * A deployment that exchanges a key passes the key's own row and nothing else. Throws `bad_request` for anything that is none.
 */
function assertRemedies({ duties }: DutyPlan, remedies: readonly string[]): void {
  const wrong = remedies.filter((id) => !id.startsWith("credential/") || !duties.some((duty) => duty.id === id));
  if (wrong.length > 0)
    throw new FairwayError("bad_request", `a deployment cannot remedy ${wrong.join(", ")}`, {
      hint: "only a credential's duty: fairway duties list",
    });
}

interface Moment {
  readonly at: number;
  readonly clock: CronClock;
  /** The end of the record then; all of it when left out. */
  readonly head?: number;
  readonly facts?: BuiltInFacts | null;
  /** Who gains by it; asked only where a waiver passes something over. */
  readonly gains?: () => Promise<readonly string[]>;
  /** Waivers that are known not to count. */
  readonly dropped?: readonly number[];
}

async function standingsOf(
  store: Store,
  plan: DutyPlan,
  { environment, release = null }: StandingsQuery,
  { at, clock, head, gains, dropped }: Moment,
): Promise<{ readonly standings: readonly DutyStanding[]; readonly dropped: readonly number[] }> {
  const asked = plan.duties.filter(
    (duty) => environment === undefined || duty.environment === null || duty.environment === environment,
  );
  const records = await dutyRecords(
    store,
    asked.map(({ id, cadence }) => ({ duty: id, release: cadence.kind === "release" ? release : null })),
    head,
  );
  const waivers = [...records.values()]
    .flatMap((record) => record.waivers)
    .filter(({ until }) => Date.parse(until) > at);
  const out = new Set(dropped ?? (waivers.length === 0 ? [] : givenByGainers(waivers, await gains?.())));
  const counted = ({ number }: Waiver): boolean => !out.has(number);
  const standings = asked.map((duty) => {
    const record = records.get(duty.id) ?? { passed: null, newest: null, waivers: [] };
    return standingOf(duty, { ...record, waivers: record.waivers.filter(counted) }, plan.roles, at, clock);
  });
  return { standings, dropped: [...out].toSorted((one, other) => one - other) };
}

/** Whoever gave one may have asked for the deployment since, or written what it brings. */
const givenByGainers = (waivers: readonly Waiver[], gaining: readonly string[] = []): readonly number[] =>
  waivers.filter(({ by, names = [by] }) => names.some((name) => gaining.includes(name))).map(({ number }) => number);

async function decisionOf(
  store: Store,
  plan: DutyPlan,
  asked: Omit<GateAsked, "release"> & { readonly release: ReleaseId | null },
  moment: Moment,
): Promise<{ readonly decision: GateDecision; readonly dropped: readonly number[] }> {
  const { environment, release } = asked;
  const { standings, dropped } = await standingsOf(store, plan, { environment, release }, moment);
  const known = (moment.facts ?? null) === null ? standings : withBuiltIns(standings, moment.facts as BuiltInFacts);
  return { decision: gateDecisionOf({ ...asked, plan, standings: known }), dropped };
}

/** Evidence with all that it must say. Throws `bad_request`. */
function completed(
  given: Attestation,
  { id, cadence, environment, digest }: DutyPlan["duties"][number],
  { at, commit }: { readonly at: number; readonly commit: string | null },
): NewEvidence {
  const isOfRelease = cadence.kind === "release";
  if (isOfRelease && given.release === null)
    throw new FairwayError("bad_request", `${id} is owed for each release: say which`, { hint: "--release r42" });
  if (!isOfRelease && given.release !== null)
    throw new FairwayError("bad_request", `${id} is not owed for releases`, { hint: "leave --release out" });
  const observed = given.observedAt === undefined ? at : Date.parse(given.observedAt);
  if (Number.isNaN(observed) || observed > at + 60_000)
    throw new FairwayError("bad_request", `${given.observedAt ?? ""} is no moment that has been`);
  return {
    duty: id,
    environment,
    release: given.release,
    outcome: given.outcome,
    observedAt: new Date(observed).toISOString(),
    automation: given.automation ?? null,
    note: given.note ?? "",
    facts: given.facts ?? {},
    artifacts: given.artifacts ?? [],
    digest: given.digest === undefined ? digest : given.digest,
    validUntil: given.validUntil ?? null,
    slot: given.slot ?? null,
    corrects: given.corrects ?? null,
    commit: given.commit ?? commit,
  };
}
