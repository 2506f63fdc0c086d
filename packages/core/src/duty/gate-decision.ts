import type { ReleaseId } from "../ids.ts";
import type { DutyGate, DutyPlan, DutyState } from "./duty.ts";
import { fitsSelector } from "./duty-selector.ts";
import type { DutyStanding } from "./duty-standing.ts";
import { standInFor } from "./stand-in.ts";

/** One duty as a gate saw it. */
export interface GateRow {
  readonly duty: string;
  readonly state: DutyState;
  readonly why: string;
  /** Whether it keeps the environment as it is. */
  readonly blocks: boolean;
  /** Why it does not although it does not stand well. */
  readonly passedBy: "waiver" | "remedy" | "warning" | null;
}

/** Whether an environment can take a release. */
export interface GateDecision {
  readonly environment: string;
  readonly release: ReleaseId | null;
  readonly ready: boolean;
  /** What a person reads first. */
  readonly sentence: string;
  readonly rows: readonly GateRow[];
}

/** What a gate is asked with. */
export interface GateQuestion {
  readonly plan: DutyPlan;
  readonly environment: string;
  readonly release: ReleaseId | null;
  /** A way back asks for nothing. */
  readonly reason: "deploy" | "rollback";
  /** Duties that the deployment itself sets right: a broken key must not keep its own exchange out. */
  readonly remedies: readonly string[];
  readonly standings: readonly DutyStanding[];
}

/**
 * Whether an environment can take a release: by the duties that its gate names and by nothing else, so that the same question
 * has the same answer years later. A pattern that fits no duty keeps it out: whoever takes a duty away opens no gate.
 */
export function gateDecisionOf({
  plan,
  environment,
  release,
  reason,
  remedies,
  standings,
}: GateQuestion): GateDecision {
  const gates = reason === "rollback" ? [] : plan.gates.filter((gate) => gate.environment === environment);
  const rows = gates.flatMap((gate) => rowsOf(gate, { standings, remedies, release }));
  const worst = [...new Map(rows.toSorted(blockingLast).map((row) => [row.duty, row])).values()];
  const sorted = worst.toSorted((one, other) => (one.duty < other.duty ? -1 : 1));
  const blocking = sorted.filter(({ blocks }) => blocks);
  const what = release ?? "a release";
  const name = environment.charAt(0).toUpperCase() + environment.slice(1);
  return {
    environment,
    release,
    ready: blocking.length === 0,
    sentence:
      blocking.length === 0
        ? `${name} can take ${what}.`
        : `${name} cannot take ${what}: ${blocking.map(({ duty, why }) => `${duty} – ${why}`).join("; ")}.`,
    rows: sorted,
  };
}

type Asked = Pick<GateQuestion, "standings" | "remedies" | "release">;

const blockingLast = (one: GateRow, other: GateRow): number => Number(one.blocks) - Number(other.blocks);

function rowsOf({ require, environment, mode }: DutyGate, asked: Asked): readonly GateRow[] {
  return require.flatMap((selector) => {
    const found = asked.standings.filter(
      ({ duty }) => fitsSelector(selector, duty.id) && (duty.environment === null || duty.environment === environment),
    );
    if (found.length > 0) return found.map((standing) => rowOf(standing, mode, asked));
    const why = "no duty fits this";
    return [{ duty: selector, state: "unknown", why, blocks: mode === "block", passedBy: null } as const];
  });
}

function rowOf(standing: DutyStanding, mode: DutyGate["mode"], { standings, remedies, release }: Asked): GateRow {
  const { duty, state, why, waiver } = standing;
  const { id, cadence } = duty;
  const row = { duty: id, state, why };
  // What is owed for a release has no time before which it is enough that it comes.
  const isWell = state === "ok" || (state === "due" && cadence.kind !== "release");
  if (isWell) return { ...row, blocks: false, passedBy: null };
  if (remedies.includes(id)) return { ...row, blocks: false, passedBy: "remedy" };
  if (waiver !== null && (waiver.release === null || waiver.release === release))
    return {
      ...row,
      why: `${why}; passed over until ${waiver.until}: ${waiver.because}`,
      blocks: false,
      passedBy: "waiver",
    };
  const standIn = standInFor(standing, standings);
  if (standIn !== null)
    return { ...row, why: `${why}; ${standIn.duty.id} stands in for it`, blocks: false, passedBy: "warning" };
  return mode === "warn" ? { ...row, blocks: false, passedBy: "warning" } : { ...row, blocks: true, passedBy: null };
}
