import type { DeploymentPlan } from "../deployment/plan.ts";
import type { Freeze } from "../gate/freeze.ts";
import type { ReleaseId, RunId } from "../ids.ts";
import type { Environment } from "../project/project.ts";
import type { Timestamp } from "../units.ts";

/** What must be known to say whether an environment can take its next release. */
export interface ReadinessFacts {
  readonly environment: Pick<Environment, "name" | "deploys" | "promotesFrom">;
  /**
   * What a deployment without a named release would bring, as far as it can be told without asking databases; null when there
   * is none.
   */
  readonly next: Pick<DeploymentPlan, "release" | "approvals" | "obstacles"> | null;
  /** What runs there; null when nothing does. */
  readonly current: ReleaseId | null;
  /** The run that changes it now. */
  readonly moving: RunId | null;
  /** A person's lock. */
  readonly lock: { readonly by: string; readonly reason: string; readonly until: Timestamp | null } | null;
  readonly freeze: Freeze | null;
}

/**
 * Whether an environment can take its next release. `ready`: a deployment would begin, or ask for approvals, at once;
 * `current`: it runs it already; `held`: it would be taken and wait; `blocked`: it would be refused; `nothing`: there is none
 * to take.
 */
export interface Readiness {
  readonly state: "ready" | "current" | "held" | "blocked" | "nothing";
  /** The release that it is about. */
  readonly release: ReleaseId | null;
  /** For people, without a full stop: `production can take r42`. */
  readonly sentence: string;
}

/** Says of an environment, in one sentence, whether it can take the next release or why not. Looks at nothing but the facts. */
export function readinessOf(facts: ReadinessFacts): Readiness {
  const { environment, next, current } = facts;
  const { name, promotesFrom } = environment;
  if (next === null)
    return {
      state: "nothing",
      release: null,
      sentence:
        promotesFrom === null
          ? `${name} has nothing to take: there is no release yet`
          : `${name} has nothing to take: ${promotesFrom} has not verified any release yet`,
    };
  const { release, obstacles } = next;
  if (release === current)
    return { state: "current", release, sentence: `${name} runs ${release}, the newest that it can take` };
  if (obstacles.length > 0)
    return { state: "blocked", release, sentence: `${name} cannot take ${release}: ${obstacles.join("; ")}` };
  const held = heldBy(facts);
  if (held !== null) return { state: "held", release, sentence: `${name} cannot take ${release} before ${held}` };
  return { state: "ready", release, sentence: `${name} can take ${release}${approvalsWords(next.approvals)}` };
}

/** What would keep a deployment waiting, as the end of `before …`; null when nothing would. */
function heldBy({ lock, freeze, moving }: ReadinessFacts): string | null {
  if (lock !== null) {
    const until = lock.until === null ? "" : `, at the latest at ${lock.until}`;
    return `the lock of ${lock.by} is taken off (${lock.reason})${until}`;
  }
  if (freeze !== null) return `its freeze is over at ${freeze.until} (${freeze.because})`;
  if (moving !== null) return `${moving} has ended, which changes it now`;
  return null;
}

const approvalsWords = (needed: number): string =>
  needed === 0 ? "" : needed === 1 ? " once one person has approved it" : ` once ${needed} people have approved it`;
