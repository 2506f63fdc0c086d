import type {
  Actor,
  Duty,
  DutyFindings,
  DutyPlan,
  DutyStanding,
  Evidence,
  NewEvidence,
  ReleaseId,
} from "@fairway/core";
import { FairwayError, fitsSelector, isBuiltIn, isOfContent, waiverObstacle, withBuiltIns } from "@fairway/core";
import { actingAs, whoActs } from "../audit/acting.ts";
import { recordChange } from "../store/audit.ts";
import { evidenceAbout, newestOfReleases, recordEvidence } from "../store/duty-records.ts";
import { releaseById } from "../store/releases.ts";
import { assertMayCount } from "./assert-may-count.ts";
import { completedEvidence } from "./completed-evidence.ts";
import type { StandingsQuery } from "./decision-at.ts";
import { standingsAt } from "./decision-at.ts";
import type { DutyReader, DutyReaderParts } from "./duties-in-force.ts";
import { dutyReader } from "./duties-in-force.ts";
import type { DutiesOwed } from "./duties-owed.ts";
import { dutiesOwed } from "./duties-owed.ts";
import type { GateDecisionParts, GateDecisions } from "./gate-decisions.ts";
import { gateDecisions } from "./gate-decisions.ts";
import { writtenTogether } from "./written-together.ts";

/**
 * What somebody says of a duty. What a run has found out is of the commit and the files that it was begun with, whatever is in
 * force by the time that it ends; without those it is of what is in force.
 */
export type Attestation = Pick<NewEvidence, "duty" | "outcome" | "release"> &
  Partial<Omit<NewEvidence, "duty" | "outcome" | "release">>;

/** What people owe, how that stands, and whether environments take releases. */
export interface DutyControl extends GateDecisions {
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
}

/** What duties are looked after with. */
export interface DutyControlParts extends DutyReaderParts, GateDecisionParts {
  /** What Fairway finds that no file says; nothing when left out. */
  readonly found?: (plan: DutyPlan) => Promise<DutyFindings>;
}

export function dutyControl(parts: DutyControlParts): DutyControl {
  const { store, clock, now } = parts;
  const reader = dutyReader(parts);
  const inForce = dutiesOwed(reader, parts.found);

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
    ...gateDecisions(parts, reader, inForce),
  };
}

/** Of an environment, and of nothing else. */
const ofOnePlace: ReadonlySet<string> = new Set(["freeze:none", "approval:release"]);
