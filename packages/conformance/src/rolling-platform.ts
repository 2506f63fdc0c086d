import type { Group, Progress, ReleaseId, Rollout, RollingOptions, Target } from "@fairway/core";
import { breakerThreshold, leastReady, mostRunning, nothing } from "@fairway/core";
import { memoryFence } from "./fence.ts";
import type { Census } from "./memory-host.ts";
import { releaseThat } from "./sentinels.ts";

/** A platform that rolls by itself and moves only when told that time passes. */
export interface RollingPlatform {
  readonly target: Target;
  tick(): void;
  census(): Census;
}

export interface RollingPlatformOptions {
  /** Asked each moment of each task that starts. */
  readonly getsReady?: () => boolean;
  readonly onChange?: (census: Census) => void;
}

interface Task {
  readonly release: ReleaseId;
  readonly ready: boolean;
}

/** What the platform was last told to want, and what came of it so far. */
interface Wish {
  readonly id: string;
  readonly release: ReleaseId | null;
  readonly desired: number;
  readonly strategy: RollingOptions;
  readonly failures: number;
}

const tasksThatFail: ReadonlySet<ReleaseId> = new Set([releaseThat("broken"), releaseThat("never-ready")]);

/** Rolls as ECS does: it is told the wish and the two bounds, moves by itself, and is asked how it goes. */
export function rollingPlatform(options: RollingPlatformOptions = {}): RollingPlatform {
  const getsReady = options.getsReady ?? (() => true);
  const fence = memoryFence();
  let tasks: readonly Task[] = [];
  let wish: Wish | null = null;

  const census = (): Census => ({ alive: tasks.length, ready: tasks.filter((task) => task.ready).length });
  function become(next: readonly Task[]): void {
    tasks = next;
    options.onChange?.(census());
  }

  const isOpen = (given: Wish): boolean => given.failures >= breakerThreshold(given.strategy, given.desired);

  /** What `update-service` does: a wish with another id starts a deployment, the same one again does nothing. */
  function want(id: string, release: ReleaseId | null, { desired, strategy }: Rollout): Wish {
    if (strategy.name !== "rolling") throw new TypeError(`a rolling platform cannot do ${strategy.name}`);
    if (wish?.id !== id) wish = { id, release, desired: release === null ? 0 : desired, strategy, failures: 0 };
    return wish;
  }

  function start(given: Wish): void {
    while (
      tasks.filter((task) => task.release === given.release).length < given.desired &&
      tasks.length < mostRunning(given.strategy, given.desired)
    )
      become([...tasks, { release: given.release as ReleaseId, ready: false }]);
  }

  function stop(given: Wish): void {
    for (const old of tasks.filter((task) => task.release !== given.release)) {
      if (census().ready - Number(old.ready) < leastReady(given.strategy, given.desired)) return;
      become(tasks.filter((task) => task !== old));
    }
  }

  function tick(): void {
    for (const task of tasks) {
      if (task.ready || !getsReady()) continue;
      if (!tasksThatFail.has(task.release))
        become(tasks.map((other) => (other === task ? { ...task, ready: true } : other)));
      else {
        become(tasks.filter((other) => other !== task));
        if (wish?.release === task.release) wish = { ...wish, failures: wish.failures + 1 };
      }
    }
    if (wish === null || isOpen(wish)) return;
    start(wish);
    stop(wish);
  }

  function groups(): ReadonlyMap<ReleaseId, Group> {
    const found = new Map<ReleaseId, Group>();
    for (const { release, ready } of tasks) {
      const group = found.get(release) ?? nothing;
      found.set(release, { ...group, running: group.running + 1, ready: group.ready + Number(ready) });
    }
    return found;
  }

  function howItGoes(given: Wish): Progress {
    if (isOpen(given))
      return { phase: "failed", reason: `${given.failures} tasks failed to start; the circuit breaker opened` };
    const done = tasks.length === given.desired && tasks.every((task) => task.release === given.release && task.ready);
    return done
      ? { phase: "succeeded" }
      : { phase: "moving", message: "the platform is rolling", checkAgainIn: 15_000 };
  }

  const target: Target = {
    kind: "rolling-platform",
    strategies: new Set(["rolling"]),
    observe: async () => groups(),

    async advance(rollout) {
      fence(rollout.token);
      return howItGoes(want(rollout.id, rollout.to, rollout));
    },

    async abort(rollout) {
      fence(rollout.token);
      const strategy = { ...rollout.strategy, breakerThreshold: Number.POSITIVE_INFINITY };
      return howItGoes(want(`${rollout.id}:back`, rollout.from, { ...rollout, strategy }));
    },
  };
  return { target, tick, census };
}
