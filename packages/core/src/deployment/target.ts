import type { ReleaseId } from "../ids.ts";
import type { FencingToken } from "./fencing.ts";
import type { Progress, Rollout } from "./rollout.ts";
import type { Facts, Group, StrategyName } from "./strategy.ts";

/** Where one service of one environment runs. */
export interface Target {
  readonly kind: string;
  /** What this place can honour; anything else is refused when the configuration loads. */
  readonly strategies: ReadonlySet<StrategyName>;

  /** What runs now, by release. Read from the platform, never remembered; empty when nothing runs. */
  observe(): Promise<ReadonlyMap<ReleaseId, Group>>;

  /**
   * What stands in the way of a rollout, asked of every place before a deployment changes anything anywhere. Reads, and changes
   * nothing; safe to repeat: it has nothing against what the same rollout has begun itself. Throws for what could not be found
   * out. A place that has nothing to refuse leaves it out.
   */
  preflight?(rollout: ComingRollout): Promise<Preflight>;

  /**
   * Shuts out whoever acted before: what comes with an older token is refused from now on. A platform that moves by itself,
   * and has nobody who might thaw in the middle of a move, leaves it out. Safe to repeat.
   */
  fence?(token: FencingToken): Promise<void>;

  /**
   * Takes the rollout as far as it goes now. Safe to repeat: after a crash it is called again, looks at what is really
   * there, and goes on. The engine retries when it throws.
   */
  advance(rollout: Rollout, facts: Facts): Promise<Progress>;

  /**
   * Leaves the rollout where it is while a person holds it: what died gets no more traffic, and besides nothing is started,
   * shifted or ended. Safe to repeat. Its message is what of that cannot be kept, and empty where all of it is. A platform that
   * moves by itself, and can be told nothing of the kind, leaves it out: it is not asked to go on meanwhile.
   */
  hold?(rollout: Rollout): Promise<Progress>;

  /** Goes back to `rollout.from`, or to nothing when there was nothing. Safe to repeat. */
  abort(rollout: Rollout): Promise<Progress>;

  /**
   * Replaces what died of the release that should run, and nothing else. A platform that does this by itself leaves it
   * out. Safe to repeat; called all the time while no deployment moves the service. With `later` nothing is started yet,
   * because the service keeps dying; what died is taken off the traffic all the same.
   */
  keep?(wanted: Rollout, start?: "now" | "later"): Promise<Upkeep>;

  /**
   * Stops every replica of a service that sleeps and leaves its route, on which whoever wakes it answers. `keep` brings it
   * back. Safe to repeat. Throws `fenced` when a deployment has begun. A platform that sleeps by itself leaves it out.
   */
  rest?(wanted: Rollout): Promise<void>;

  /**
   * Ends what `keep` found idle, but for the replicas of the release that is to stay warm: drained first, and with their
   * grace. Safe to repeat. Throws `fenced` when a deployment has begun, to which they belong from then on.
   */
  endIdle?(wanted: Rollout, warm: ReleaseId | null): Promise<void>;
}

/** What keeping a service alive found, for the log and the status page. */
export interface Upkeep {
  readonly ready: number;
  /** What was started because it was missing. */
  readonly restarted: readonly string[];
  /** What was found dead, each told of once, with why. */
  readonly lost: readonly Loss[];
  /** What lives and has no traffic, of releases other than the wanted one. It is left as it is, and not brought back. */
  readonly idle: readonly IdleReplica[];
}

/** A replica of a release that nothing is sent to. */
export interface IdleReplica {
  readonly replica: string;
  readonly release: ReleaseId;
  /** Open long jobs, as it said itself. */
  readonly busy: number;
}

/** A replica that died while nothing moved it. */
export interface Loss {
  readonly replica: string;
  readonly reason: string;
}

/** A rollout as it is known before it begins. */
export type ComingRollout = Pick<Rollout, "id" | "environment" | "service" | "to" | "desired" | "strategy">;

/** What stands in the way of a rollout, as sentences, and what only should be known. */
export interface Preflight {
  readonly refusals: readonly string[];
  /** Those of the refusals that may be gone by themselves before it begins; none when left out. */
  readonly forNow?: readonly string[] | undefined;
  readonly warnings: readonly string[];
}
