import type { ReleaseId, RolloutId } from "../ids.ts";
import type { Millis, Percent } from "../units.ts";
import type { FencingToken } from "./fencing.ts";
import type { Group, StrategyOptions } from "./strategy.ts";

/** Moving one service of one environment from the release it runs to another. */
export interface Rollout {
  readonly id: RolloutId;
  readonly environment: string;
  readonly service: string;
  /** What ran before; null on the first deployment. */
  readonly from: ReleaseId | null;
  readonly to: ReleaseId;
  readonly desired: number;
  readonly strategy: StrategyOptions;
  readonly token: FencingToken;
}

/** The replicas of a service while it moves: those of the release that it leaves, and of the one that it gets. */
export interface MovingReplicas {
  readonly old: Group;
  readonly new: Group;
}

/** How far a rollout has come. A "no" is `failed`, a value; a throw means that we could not find out. */
export type Progress =
  | {
      readonly phase: "moving";
      readonly message: string;
      readonly checkAgainIn: Millis;
      /** The new release's share of traffic after this; absent where traffic follows the replicas. */
      readonly weight?: Percent;
      /**
       * What was seen at this look; on the way back too `new` is what is being taken away. Absent where the platform does not
       * tell.
       */
      readonly replicas?: MovingReplicas;
      /** All new replicas are ready, and their checks must be made before they get any traffic. */
      readonly wants?: "checks";
      /** What a person is asked; nothing goes on before it is answered. Absent where nobody is. */
      readonly asks?: string;
    }
  | { readonly phase: "succeeded" }
  | {
      readonly phase: "failed";
      readonly reason: string;
      /** What kept it from its end, where it was not the release that failed. */
      readonly ending?: RolloutEnding;
    };

/**
 * Why a rollout did not come to its end though nothing said no to the release: somebody else's deployment took its place on
 * the platform, or the platform could not carry it out.
 */
export type RolloutEnding = "superseded" | "stalled";
