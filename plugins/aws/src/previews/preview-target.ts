import type { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { EcsPlacement, EcsPreview, PreviewOnEcs, Progress, Rollout, Target, Upkeep } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { isInEcr } from "../ecs/ecr-image.ts";
import { ecsService } from "../ecs/ecs-service.ts";
import type { EcsTargetParts } from "../ecs/ecs-target.ts";
import { ecsTarget } from "../ecs/ecs-target.ts";
import { primaryOf } from "../ecs/ecs-verdict.ts";
import { imageGone } from "../ecs/preflight.ts";
import { takeHold } from "../ecs/take-hold.ts";
import { awsErrorName } from "../session/aws-error.ts";
import { ensurePreviewGroup, healthyIn } from "./preview-groups.ts";
import { awsTags, previewGroupName, wakerGroupName } from "./preview-marks.ts";
import { leadTo } from "./preview-rules.ts";
import { keepPreviewSecret } from "./preview-secret.ts";
import type { PreviewServiceBase } from "./preview-service.ts";
import { makePreviewService, previewDefinition, previewServiceBase, previewServiceStatus } from "./preview-service.ts";
import { removePreview } from "./remove-preview.ts";

/** What a target for a preview's service is made of. */
export interface PreviewTargetParts extends EcsTargetParts {
  readonly placement: EcsPlacement & { readonly preview: EcsPreview };
  readonly of: PreviewOnEcs;
  readonly known: PreviewMemory;
}

/** What a daemon remembers of previews to ask AWS less; losing it costs calls and nothing else. */
export interface PreviewMemory {
  /** Rollouts whose service, target group and rules are there. */
  readonly made: Set<string>;
  /** By the name of its service, whether it was seen awake or asleep, and when. */
  readonly seen: Map<string, { readonly is: "awake" | "asleep"; readonly at: number; readonly ready: number }>;
}

/** A memory that knows nothing yet. */
export const previewMemory = (): PreviewMemory => ({ made: new Set(), seen: new Map() });

/**
 * A service of a preview on ECS: made for it from the environment's, moved as every other service there, without any task while
 * it sleeps, and taken away with the preview.
 */
export function previewTarget(parts: PreviewTargetParts): Target {
  const { placement, session, memory, known, of, signal } = parts;
  const { preview, cluster } = placement;
  const marks = { owner: preview.owner, environment: of.environment, service: of.service };
  const service = ecsService(placement, session, memory);
  const inner = (rollout: Rollout | null): Target =>
    ecsTarget({
      ...parts,
      imageOf: async (release) => ({
        ...(await parts.imageOf(release)),
        secrets:
          rollout === null ? {} : await keepPreviewSecret(session, marks, rollout.id, await of.secretsOf(release)),
      }),
    });
  const moving = (message: string): Progress => ({ phase: "moving", message, checkAgainIn: placement.poll });

  const madeFor = ({ id }: Rollout): string => `${placement.service} ${id}`;

  const baseFrom = async (definitionOf: typeof service.taskDefinition): Promise<PreviewServiceBase | string> =>
    previewServiceBase(
      await session.ecs(),
      preview.like,
      { container: placement.container, port: of.port },
      definitionOf,
    );

  const groupOfTasks = (elb: ElasticLoadBalancingV2, port: number): Promise<string> =>
    ensurePreviewGroup(elb, {
      name: previewGroupName(marks),
      listener: preview.listener,
      port,
      health: of.health,
      tags: awsTags(marks),
    });

  /** The target group of the daemon that wakes what sleeps. */
  async function groupOfWaker(elb: ElasticLoadBalancingV2, wake: NonNullable<EcsPreview["wake"]>): Promise<string> {
    const arn = await ensurePreviewGroup(elb, {
      name: wakerGroupName(preview.listener, wake),
      listener: preview.listener,
      port: wake.port,
      health: { path: wakePath, interval: 10_000, timeout: 5_000 },
      tags: [{ Key: "fairway:owner", Value: preview.owner }],
    });
    await elb.registerTargets({ TargetGroupArn: arn, Targets: [{ Id: wake.host, Port: wake.port }] });
    return arn;
  }

  /** What a rollout needs before ECS can be asked for it. Null once all of it is there. */
  async function make(rollout: Rollout): Promise<Progress | null> {
    if (known.made.has(madeFor(rollout))) return null;
    const [ecs, elb] = [await session.ecs(), await session.elbv2()];
    signal?.throwIfAborted();
    known.seen.delete(placement.service);
    const status = await previewServiceStatus(ecs, cluster, placement.service);
    if (status === "DRAINING") return moving("ECS still ends the one before it");
    const base = await baseFrom(service.freshTaskDefinition);
    if (typeof base === "string") return { phase: "failed", ending: "stalled", reason: base };
    const group = of.routes.length === 0 ? null : await groupOfTasks(elb, base.port);
    if (group !== null) {
      try {
        await leadTo(elb, preview.listener, marks, of.routes, group);
      } catch (thrown) {
        // Another preview has taken the place of the rule in this moment.
        if (awsErrorName(thrown) === "PriorityInUseException") return moving("another preview made its rule first");
        throw thrown;
      }
    }
    if (status === null)
      await makePreviewService(ecs, base, {
        cluster,
        service: placement.service,
        marks,
        taskDefinition: await service.register(
          previewDefinition(base, { family: placement.family ?? placement.service, taskRole: preview.taskRole }),
        ),
        group,
        health: of.health,
      });
    known.made.add(madeFor(rollout));
    return null;
  }

  /** Looks at it for whoever keeps it; throws where somebody took it away. */
  async function held(wanted: Rollout): Promise<Exclude<Awaited<ReturnType<typeof takeHold>>, string>> {
    const look = await takeHold(service, placement, wanted.token, signal);
    if (typeof look === "string")
      throw new FairwayError("not_found", look, { hint: "close the preview and open it again" });
    return look;
  }

  const upkeep = (ready: number): Upkeep => ({ ready, restarted: [], lost: [], idle: [] });
  const isFresh = (is: "awake" | "asleep"): boolean => {
    const seen = known.seen.get(placement.service);
    return seen?.is === is && performance.now() - seen.at < placement.poll;
  };
  const saw = (is: "awake" | "asleep", ready: number): void =>
    void known.seen.set(placement.service, { is, at: performance.now(), ready });

  return {
    kind: "ecs",
    strategies: new Set(["rolling"]),
    observe: () => inner(null).observe(),

    async preflight({ to }) {
      const base = await baseFrom(service.taskDefinition);
      const { reference } = await parts.imageOf(to);
      const isThere = await isInEcr(session, reference);
      return {
        refusals: [...(typeof base === "string" ? [base] : []), ...(isThere === false ? [imageGone] : [])],
        warnings: [],
      };
    },

    async fence(token) {
      const status = await previewServiceStatus(await session.ecs(), cluster, placement.service);
      if (status === "ACTIVE") await takeHold(service, placement, token, signal);
    },

    async advance(rollout, facts) {
      const lacks = await make(rollout);
      if (lacks !== null) return lacks;
      const look = await takeHold(service, placement, rollout.token, signal);
      // The deployment that a service is made with is nobody's rollout, and has no tasks to wait for.
      if (typeof look !== "string" && look.marks.rollout === null && primaryOf(look)?.state === "IN_PROGRESS")
        return moving("ECS makes the service");
      return inner(rollout).advance(rollout, facts);
    },

    hold: async (rollout) => (await inner(rollout).hold?.(rollout)) ?? moving(""),

    async keep(wanted) {
      if (isFresh("awake")) return upkeep(known.seen.get(placement.service)?.ready ?? 0);
      const look = await held(wanted);
      const ready = primaryOf(look)?.running ?? 0;
      if (look.desired < wanted.desired) {
        await service.update({ desiredCount: wanted.desired });
        return upkeep(ready);
      }
      if (of.routes.length > 0) {
        const elb = await session.elbv2();
        const [group] = look.targetGroups;
        // Until a task answers whoever asks is held by the daemon, and not told that nobody is there.
        if (group === undefined || (await healthyIn(elb, group)) === 0) return upkeep(ready);
        await leadTo(elb, preview.listener, marks, of.routes, group);
      }
      saw("awake", ready);
      return upkeep(ready);
    },

    async rest(wanted) {
      if (preview.wake === null || isFresh("asleep")) return;
      const look = await held(wanted);
      const elb = await session.elbv2();
      if (of.routes.length > 0)
        await leadTo(elb, preview.listener, marks, of.routes, await groupOfWaker(elb, preview.wake));
      if (look.desired > 0) await service.update({ desiredCount: 0 });
      saw("asleep", 0);
    },

    async abort(rollout) {
      if (rollout.from !== null) return inner(rollout).abort(rollout);
      // Whoever was overtaken may not take away what somebody newer has made.
      await takeHold(service, placement, rollout.token, signal);
      known.seen.delete(placement.service);
      known.made.delete(madeFor(rollout));
      return removePreview(session, {
        cluster,
        service: placement.service,
        listener: preview.listener,
        wake: preview.wake,
        marks,
      });
    },
  };
}

/** Answered by whoever wakes previews; no service has such a path. */
const wakePath = "/.fairway/waker";
