import type { EcsPlacement, Group, Progress, ReleaseId, Rollout, StrategyName, Target } from "@fairway/core";
import type { AwsSession } from "../session/aws-session.ts";
import { preflightEcs } from "./ask-preflight.ts";
import { beginEcs } from "./begin-ecs.ts";
import { bringBack } from "./bring-back.ts";
import { ecsEvidence } from "./ecs-evidence.ts";
import type { EcsLook } from "./ecs-look.ts";
import type { ServiceMemory } from "./ecs-service.ts";
import { ecsService } from "./ecs-service.ts";
import { ecsVerdict, primaryOf, shortOf } from "./ecs-verdict.ts";
import { findBegun } from "./find-begun.ts";
import { heldInEcs, letGo } from "./held-in-ecs.ts";
import { observeEcs } from "./observe-ecs.ts";
import type { PermissionMemory } from "./permission-problems.ts";
import type { EcsImage } from "./prepare-rollout.ts";
import { shiftProgress, watchShift } from "./shift-progress.ts";
import { fenceService, takeHold } from "./take-hold.ts";
import { tidyFamily } from "./tidy-family.ts";

/** What a target on ECS is made of. */
export interface EcsTargetParts {
  readonly placement: EcsPlacement;
  readonly session: AwsSession;
  readonly memory: EcsMemory;
  /** The image of a release, and what its replicas are told of themselves. */
  readonly imageOf: (release: ReleaseId) => Promise<EcsImage>;
  /** Once it fires nothing more is begun. */
  readonly signal?: AbortSignal | undefined;
}

/** What a daemon remembers to ask AWS less; losing it costs calls and nothing else. */
export interface EcsMemory extends ServiceMemory {
  /** Rollouts that were stopped in flight by this process. */
  readonly stopped: Set<string>;
  /** The service deployment of a rollout that shifts traffic, by the rollout's id. */
  readonly shifts: Map<string, string>;
  /** When a rollout that is held was looked at last, and what was seen; by its id. */
  readonly held: Map<string, { readonly at: number; readonly progress: Progress }>;
  /** What was told of a rollout before it began, by its id. */
  readonly warnings: Map<string, readonly string[]>;
  readonly permissions: PermissionMemory;
}

/** A memory that knows nothing yet. */
export const ecsMemory = (): EcsMemory => ({
  taskDefinitions: new Map(),
  marks: new Map(),
  stopped: new Set(),
  shifts: new Map(),
  held: new Map(),
  warnings: new Map(),
  permissions: new Map(),
});

/** All but recreate, which ECS has no word for that would not lie about its downtime. */
const strategies: ReadonlySet<StrategyName> = new Set(["rolling", "blue-green", "canary", "linear"]);

/**
 * A service on Amazon ECS. ECS moves the tasks; Fairway says once what it wants, and then tells the truth about what came of
 * it: green only when this very deployment succeeded and is the one that is wanted still. One call to AWS each look.
 */
export function ecsTarget(parts: EcsTargetParts): Target {
  const { placement, session, memory, signal } = parts;
  const service = ecsService(placement, session, memory);
  const checkAgainIn = placement.poll;
  const moving = (message: string): Progress => ({ phase: "moving", message, checkAgainIn });

  /** The deployment of this rollout, begun now if it was not. Null while nothing can be said yet. */
  async function begun(rollout: Rollout, look: EcsLook): Promise<EcsLook | Progress> {
    const { marks } = look;
    if (marks.rollout !== rollout.id) return beginEcs(parts, service, rollout, look);
    if (marks.deployment !== null) return look;
    // Whoever began it was killed, or had no answer, before it could say which deployment it is.
    const found = await findBegun(service, placement, look);
    const primary = primaryOf(look);
    if (found === null && primary !== undefined && primary.id !== marks.before)
      return {
        phase: "failed",
        ending: "superseded",
        reason: `superseded: deployment ${primary.id} of ${shortOf(primary.taskDefinition)} came before this rollout had begun; it was left as it is`,
      };
    if (found === null) return beginEcs(parts, service, rollout, look);
    await service.mark(look, { deployment: found });
    return { ...look, marks: { ...marks, deployment: found } };
  }

  async function advance(rollout: Rollout, look: EcsLook, facts: Parameters<Target["advance"]>[1]): Promise<Progress> {
    const seen = await begun(rollout, look);
    if ("phase" in seen) return seen;
    if (rollout.strategy.name !== "rolling" && rollout.strategy.name !== "recreate") {
      const shifting = await shiftProgress(parts, service, rollout, seen, facts);
      if (shifting !== null) return shifting;
    }
    const verdict = ecsVerdict(seen, seen.marks);
    switch (verdict.is) {
      case "moving": {
        const warned = memory.warnings.get(rollout.id) ?? [];
        return { ...moving([verdict.message, ...warned].join("; ")), ...movingReplicas(seen) };
      }
      case "deployed":
        await tidyFamily(service, seen);
        return { phase: "succeeded" };
      case "rolled-back":
      case "superseded":
      case "stalled": {
        const evidence = await ecsEvidence(session, placement, seen, service);
        const ending = verdict.is === "rolled-back" ? (evidence.noneRan ? "stalled" : null) : verdict.is;
        const reason = [verdict.reason, ...evidence.lines].join("\n");
        return { phase: "failed", reason, ...(ending === null ? {} : { ending }) };
      }
    }
  }

  return {
    kind: "ecs",
    strategies,
    observe: () => observeEcs(service),

    preflight: (rollout) => preflightEcs(parts, service, rollout),

    fence: (token) => fenceService(service, placement, token, signal),

    async advance(rollout, facts) {
      const watched = await watchShift(parts, service, rollout);
      if (watched !== null) return watched;
      const look = await takeHold(service, placement, rollout.token, signal);
      if (typeof look === "string") return { phase: "failed", reason: look };
      return advance(rollout, await letGo(service, placement, rollout, look), facts);
    },

    hold: (rollout) => heldInEcs(parts, service, rollout),

    async abort(rollout) {
      const look = await takeHold(service, placement, rollout.token, signal);
      // What is not there any more cannot be brought back, and there is nothing of it to clear away.
      if (typeof look === "string")
        return rollout.from === null ? { phase: "succeeded" } : { phase: "failed", reason: look };
      const free = await letGo(service, placement, rollout, look);
      const back = await bringBack(service, placement, memory, rollout, free);
      return "message" in back ? moving(back.message) : back;
    },
  };
}

function movingReplicas(look: EcsLook): Pick<Extract<Progress, { phase: "moving" }>, "replicas"> {
  const mine = look.deployments.find(({ id }) => id === look.marks.deployment);
  const others = look.deployments.filter(({ id }) => id !== look.marks.deployment);
  const sum = (among: EcsLook["deployments"]): Group => ({
    running: among.reduce((total, { running, pending }) => total + running + pending, 0),
    ready: among.reduce((total, { running }) => total + running, 0),
    failed: among.reduce((total, { failed }) => total + failed, 0),
    busy: 0,
  });
  return primaryOf(look) === undefined
    ? {}
    : { replicas: { old: sum(others), new: sum(mine === undefined ? [] : [mine]) } };
}
