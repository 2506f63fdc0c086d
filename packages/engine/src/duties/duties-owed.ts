import type { DutyFindings, DutyPlan } from "@fairway/core";
import { withFound } from "@fairway/core";
import type { DutiesInForce, DutyReader } from "./duties-in-force.ts";

/** The duties that hold, and what is owed besides. */
export interface DutiesOwed extends DutiesInForce {
  /** All that is owed. */
  readonly plan: DutyPlan;
  /** What the files of the commit say alone. */
  readonly written: DutyPlan;
  readonly found: DutyFindings;
}

/** Reads what is owed. `found`: what Fairway finds that no file says; nothing when left out. */
export const dutiesOwed =
  (reader: DutyReader, found?: (plan: DutyPlan) => Promise<DutyFindings>) => async (): Promise<DutiesOwed> => {
    const state = await reader.inForce();
    const written = await reader.plan(state.digest);
    const findings = (await found?.(written)) ?? nothingFound;
    return { ...state, plan: withFound(written, findings), written, found: findings };
  };

export const nothingFound: DutyFindings = { day: "", tokens: [], drift: [] };
