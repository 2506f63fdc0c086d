import type { EcsPlacement, Progress, ReleaseId, Rollout } from "@fairway/core";
import type { AwsSession } from "../session/aws-session.ts";
import { askPreflight } from "./ask-preflight.ts";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService, KnownTaskDefinition } from "./ecs-service.ts";
import { familyOf } from "./family-of.ts";
import { primaryOf } from "./ecs-verdict.ts";
import { breakerAt } from "./preflight.ts";
import { recallRollout, registeredFor } from "./recall-rollout.ts";
import type { ServiceMarks } from "./service-marks.ts";
import { currentVersions } from "./secret-versions.ts";
import { containerIn, derivedFrom } from "./task-definition.ts";

/** The image of a release, by digest, and what its replicas are told of themselves. */
export interface EcsImage {
  readonly reference: string;
  readonly env: Readonly<Record<string, string>>;
  /**
   * Variables whose values AWS Secrets Manager has, by what names each there; as the task definition has them when left out.
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What a rollout begins with. */
export interface BeginParts {
  readonly placement: EcsPlacement;
  readonly session: AwsSession;
  readonly memory: { readonly warnings: Map<string, readonly string[]> };
  readonly imageOf: (release: ReleaseId) => Promise<EcsImage>;
}

/** A rollout of which all is there but the deployment itself; with `isBegun` that too. */
export interface PreparedRollout {
  /** The task definition that was registered for it. */
  readonly mine: string;
  readonly marks: ServiceMarks;
  readonly isBegun: boolean;
}

/**
 * Looks at whether it can work, registers the task definition, and writes down on the service what is about to happen. Killed
 * between any two of these it is called again and does what is left. Answers with why it was refused, where it was.
 */
export async function prepareRollout(
  parts: BeginParts,
  service: EcsService,
  rollout: Rollout,
  look: EcsLook,
): Promise<PreparedRollout | Progress> {
  const { placement } = parts;
  const isOurs = look.marks.rollout === rollout.id && look.marks.taskDefinition !== null;
  const before = primaryOf(look);
  const image = await parts.imageOf(rollout.to);
  let mine = isOurs ? look.marks.taskDefinition : null;
  let marks = look.marks;
  if (mine === null) {
    const current = await service.freshTaskDefinition(look.taskDefinition);
    const begun = await recallRollout(service, rollout, look);
    if (begun !== null) {
      await service.mark(look, begun);
      return { mine: begun.taskDefinition, marks: begun, isBegun: true };
    }
    const found = containerIn(current.definition, placement.container);
    if ("problem" in found) return refused(placement, [found.problem]);
    const { refusals, warnings } = await askPreflight(parts, rollout, look, current, image.reference);
    if (refusals.length > 0) return refused(placement, refusals);
    const failures = placement.codeDeploy === null ? breakerAt({ ...rollout, desired: look.desired }) : null;
    const breaker = failures === null ? [] : [`ECS goes back by itself after ${failures} failed tasks`];
    parts.memory.warnings.set(rollout.id, [...warnings, ...breaker]);
    const registered = await registeredFor(service, rollout, placement.family ?? familyOf(look.taskDefinition) ?? "");
    const base = await baseFor(service, current, rollout.to);
    // On the way back a release has the versions that it had.
    const secrets =
      base === current ? await currentVersions(parts.session, base.definition) : new Map<string, string>();
    mine =
      registered ??
      (await service.register(
        derivedFrom(
          base.definition,
          base.tags,
          {
            image: image.reference,
            env: image.env,
            ...(image.secrets === undefined ? {} : { references: image.secrets }),
            family: placement.family,
            container: found.name,
            secrets,
            marks: { release: rollout.to, rollout: rollout.id, replaces: look.taskDefinition },
          },
          found.name,
        ),
      ));
    marks = {
      epoch: rollout.token.epoch,
      rollout: rollout.id,
      before: before?.id ?? null,
      previous: look.taskDefinition,
      desired: look.desired,
      taskDefinition: mine,
      deployment: null,
      back: null,
      held: null,
    };
    await service.mark(look, marks);
  }
  return { mine, marks, isBegun: false };
}

/**
 * What the new task definition is made from: the release's own where it ran here not long ago, as on the way back, and the
 * current one otherwise.
 */
async function baseFor(
  service: EcsService,
  current: KnownTaskDefinition,
  release: ReleaseId,
): Promise<KnownTaskDefinition> {
  let looked = current;
  for (let step = 0; step < farthest; step++) {
    if (looked.marks.release === release) return looked;
    if (looked.marks.replaces === null) return current;
    looked = await service.taskDefinition(looked.marks.replaces);
  }
  return current;
}

/** So many releases back a task definition is looked for; each costs a call. */
const farthest = 3;

const refused = ({ service }: Pick<EcsPlacement, "service">, reasons: readonly string[]): Progress => ({
  phase: "failed",
  ending: "stalled",
  reason: [`${service} was not touched:`, ...reasons].join("\n"),
});
