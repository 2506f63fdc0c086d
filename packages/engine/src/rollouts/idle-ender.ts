import type { Environment, Millis, Rollout, Target, Upkeep } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { LeftRelease } from "../store/left-warm.ts";
import { staysWarm } from "./warm-time.ts";

/** One service that was just looked after. */
export interface LookedAfter {
  readonly target: Target;
  readonly wanted: Rollout;
  readonly placement: Environment["placements"][number];
  readonly found: Upkeep;
  /** What the last change may have left warm. */
  readonly left: LeftRelease | null;
  /** How long old replicas may go on with long work beyond their time. */
  readonly patience: Millis;
}

/** Ends what a deployment left warm once its time is over, and what nobody knows. */
export interface IdleEnder {
  /** Begins to end what has had its time. It takes as long as a drain, so nobody waits for it; what went wrong is told. */
  look(service: LookedAfter): void;
}

/** `clock` tells milliseconds since 1970: how long a set is warm must hold through a restart. */
export function idleEnder(clock: () => Millis, tell: (scope: string, message: string) => void): IdleEnder {
  const ending = new Set<string>();

  async function end({ target, wanted }: LookedAfter, stays: Rollout["from"], leaving: string): Promise<void> {
    const { scope } = wanted.token;
    try {
      await target.endIdle?.(wanted, stays);
      tell(scope, `ended, since nobody goes back to it any more: ${leaving}`);
    } catch (thrown) {
      // A deployment has taken the environment since; what is idle is its to use or to end.
      if (codeOf(thrown) !== "fenced") tell(scope, `could not end ${leaving}: ${messageOf(thrown)}`);
    } finally {
      ending.delete(scope);
    }
  }

  return {
    look(service) {
      const { wanted, placement, found, left, patience } = service;
      const stays = staysWarm(left, placement, { now: clock(), patience, idle: found.idle });
      const leaving = found.idle.filter(({ release }) => release !== stays).map(({ replica }) => replica);
      if (leaving.length === 0 || ending.has(wanted.token.scope)) return;
      ending.add(wanted.token.scope);
      void end(service, stays, leaving.join(", "));
    },
  };
}
