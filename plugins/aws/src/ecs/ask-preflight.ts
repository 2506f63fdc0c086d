import type { ComingRollout, EcsPlacement, Preflight, ReleaseId } from "@fairway/core";
import { groupProblems } from "../code-deploy/group-problems.ts";
import type { AwsSession } from "../session/aws-session.ts";
import { alarmFacts } from "./alarm-facts.ts";
import { isInEcr } from "./ecr-image.ts";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService, KnownTaskDefinition } from "./ecs-service.ts";
import type { PermissionMemory } from "./permission-problems.ts";
import { permissionProblems } from "./permission-problems.ts";
import { preflight } from "./preflight.ts";
import { recallRollout } from "./recall-rollout.ts";
import { containerIn } from "./task-definition.ts";

/** Of whom is asked. */
interface AskingParts {
  readonly session: AwsSession;
  readonly placement: EcsPlacement;
}

/** Asks AWS what a rollout onto a service is refused for. Reads, and changes nothing. */
export async function askPreflight(
  { session, placement }: AskingParts,
  rollout: Pick<ComingRollout, "strategy" | "desired">,
  look: EcsLook,
  { definition }: KnownTaskDefinition,
  image: string,
): Promise<Preflight> {
  const found = containerIn(definition, placement.container);
  if ("problem" in found) return { refusals: [found.problem], warnings: [] };
  const old = definition.containerDefinitions?.find(({ name }) => name === found.name)?.image;
  return preflight({
    look,
    placement,
    rollout,
    group: await groupProblems(session, placement, rollout),
    alarms: await alarmFacts(session, placement.alarms),
    imageThere: await isInEcr(session, image),
    oldImageThere: old === undefined || old === image ? null : await isInEcr(session, old),
    previousStatus: definition.status ?? "ACTIVE",
  });
}

/** The same before anything of the deployment is changed; nothing is against what this very rollout has begun. */
export async function preflightEcs(
  parts: AskingParts & {
    readonly memory: { readonly permissions: PermissionMemory };
    readonly imageOf: (release: ReleaseId) => Promise<{ readonly reference: string }>;
  },
  service: EcsService,
  rollout: ComingRollout,
): Promise<Preflight> {
  const look = await service.look();
  if (typeof look === "string") return { refusals: [look], warnings: [] };
  if (look.marks.rollout === rollout.id && look.marks.taskDefinition !== null) return nothing;
  // At its turn the rollout asks AWS itself for it, whose status may be another by then anyway.
  const current = await service.taskDefinition(look.taskDefinition);
  if ((await recallRollout(service, rollout, look)) !== null) return nothing;
  const { reference } = await parts.imageOf(rollout.to);
  const found = await askPreflight(parts, rollout, look, current, reference);
  const permissions = await permissionProblems(parts, look, current);
  return {
    ...found,
    refusals: [...found.refusals, ...permissions.refusals],
    warnings: [...found.warnings, ...permissions.warnings],
  };
}

const nothing: Preflight = { refusals: [], warnings: [] };
