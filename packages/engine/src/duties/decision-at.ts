import type {
  BuiltInFacts,
  CronClock,
  DutyPlan,
  DutyStanding,
  GateDecision,
  ReleaseId,
  RunId,
  Waiver,
} from "@fairway/core";
import { gateDecisionOf, standingOf, withBuiltIns } from "@fairway/core";
import { dutyRecords } from "../store/duty-records.ts";
import type { Store } from "../store/store.ts";

/** Which duties are asked about. */
export interface StandingsQuery {
  /** Of this environment, and of none in particular. */
  readonly environment?: string | undefined;
  /** Of duties that are owed for each release: of this one. */
  readonly release?: string | null | undefined;
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

/** When it is looked, and what was known then besides the record. */
export interface Moment {
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

/** How duties stood at a moment, and which waivers did not count. */
export async function standingsAt(
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
    { head, at },
  );
  const waivers = [...records.values()].flatMap((record) => record.waivers);
  const out = new Set(dropped ?? (waivers.length === 0 ? [] : givenByGainers(waivers, await gains?.())));
  // One that was given for another release hides none that counts for this one.
  const counted = ({ number, release: of }: Waiver): boolean =>
    !out.has(number) && (release === null || of === null || of === release);
  const standings = asked.map((duty) => {
    const record = records.get(duty.id) ?? { passed: null, newest: null, waivers: [] };
    return standingOf(duty, { ...record, waivers: record.waivers.filter(counted) }, plan.roles, at, clock);
  });
  return { standings, dropped: [...out].toSorted((one, other) => one - other) };
}

/** Whoever gave one may have asked for the deployment since, or written what it brings. */
const givenByGainers = (waivers: readonly Waiver[], gaining: readonly string[] = []): readonly number[] =>
  waivers.filter(({ by, names = [by] }) => names.some((name) => gaining.includes(name))).map(({ number }) => number);

/** Whether an environment took a release at a moment. */
export async function decisionAt(
  store: Store,
  plan: DutyPlan,
  asked: Omit<GateAsked, "release"> & { readonly release: ReleaseId | null },
  moment: Moment,
): Promise<{ readonly decision: GateDecision; readonly dropped: readonly number[] }> {
  const { environment, release } = asked;
  const { standings, dropped } = await standingsAt(store, plan, { environment, release }, moment);
  const known = (moment.facts ?? null) === null ? standings : withBuiltIns(standings, moment.facts as BuiltInFacts);
  return { decision: gateDecisionOf({ ...asked, plan, standings: known }), dropped };
}
