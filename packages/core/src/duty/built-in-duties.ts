import type { Freeze } from "../gate/freeze.ts";
import type { ContentFacts } from "./content-facts.ts";
import { knownOfContent } from "./content-facts.ts";
import type { Duty } from "./duty.ts";
import type { DutyStanding } from "./duty-standing.ts";

/** What a gate may ask for that no file has to say: Fairway knows by itself how it stands. */
export const builtInDuties = {
  "freeze:none": "The environment is not frozen",
  "approval:release": "Somebody else has approved the deployment",
  "scan:release": "No secret is in what the release brings",
  "incident:no-open-sev1": "No incident of severity 1 is open",
} as const;

export type BuiltInDuty = keyof typeof builtInDuties;

export const isBuiltIn = (id: string): id is BuiltInDuty => Object.hasOwn(builtInDuties, id);

/** The duty that a gate means by such a name where no file has one: its owner is the gate's. */
export const builtInDuty = (id: BuiltInDuty, owner: string, place: Duty["place"]): Duty => ({
  id,
  title: builtInDuties[id],
  owner,
  escalation: [],
  environment: null,
  cadence: id === "scan:release" ? { kind: "release", wait: 0 } : { kind: "standing" },
  grace: 0,
  warnings: [],
  task: null,
  automation: "Fairway",
  digest: null,
  ...(id === "scan:release" ? { run: { kind: "scan", scheduled: true } as const } : {}),
  place,
});

/**
 * What Fairway knows by itself of an environment and a release. It is kept with each decision, so that one can be worked out
 * again.
 */
export interface BuiltInFacts {
  /** What holds the environment still now; null where nothing does, or it is gone through. */
  readonly freeze: Freeze | null;
  /** How many answers the environment asks for, and whether they were given; null before it is deployed. */
  readonly approvals: { readonly needed: number; readonly given: boolean | null };
  /** Incidents of severity 1 that are open there, or everywhere. */
  readonly incidents: readonly { readonly number: number; readonly title: string; readonly since: string }[];
  /** What the release shows; absent where nobody asked. */
  readonly content?: ContentFacts;
}

/** The standings with what Fairway knows itself: what it knows to be wrong is wrong, whatever is on record of it. */
export function withBuiltIns(standings: readonly DutyStanding[], facts: BuiltInFacts): readonly DutyStanding[] {
  return standings.map((standing) => {
    // What nobody answers for is not well by itself.
    if (standing.isOwnerless === true) return standing;
    const ofTexts = facts.content === undefined ? null : knownOfContent(standing, facts.content);
    const known = ofTexts ?? knownOf(standing.duty.id, facts);
    return known === null ? standing : { ...standing, ...known };
  });
}

function knownOf(
  id: string,
  { freeze, approvals: { needed, given }, incidents }: BuiltInFacts,
): Pick<DutyStanding, "state" | "why"> | null {
  if (id === "freeze:none") {
    if (freeze === null) return { state: "ok", why: "nothing is frozen" };
    return { state: "failing", why: `frozen until ${freeze.until}: ${freeze.because}` };
  }
  if (id === "approval:release") {
    if (needed === 0) return { state: "failing", why: "the environment asks nobody: give it approvals" };
    if (given === null) return { state: "due", why: `${needed} must say yes once it is asked for` };
    return given ? { state: "ok", why: "approved" } : { state: "failing", why: `${needed} must say yes` };
  }
  if (id === "incident:no-open-sev1" && incidents.length > 0) {
    const which = incidents.map(({ number, title, since }) => `i${number} since ${since}: ${title}`);
    return { state: "failing", why: `an incident of severity 1 is open, ${which.join("; ")}` };
  }
  return null;
}
