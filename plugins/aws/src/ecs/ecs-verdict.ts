import type { EcsDeployment, EcsLook } from "./ecs-look.ts";
import type { ServiceMarks } from "./service-marks.ts";

/** What became of a deployment on ECS. Only `deployed` is green, and only when it is this very deployment that did it. */
export type EcsVerdict =
  | { readonly is: "moving"; readonly message: string }
  | { readonly is: "deployed" }
  | { readonly is: "rolled-back"; readonly reason: string }
  | { readonly is: "superseded"; readonly reason: string }
  | { readonly is: "stalled"; readonly reason: string };

/** The deployment that is wanted now; undefined only in an answer that is not whole. */
export const primaryOf = ({ deployments }: EcsLook): EcsDeployment | undefined =>
  deployments.find(({ isPrimary }) => isPrimary);

/** `arn:aws:ecs:eu-central-1:1:task-definition/api:7` → `api:7`. */
export const shortOf = (taskDefinition: string): string => taskDefinition.replace(/^.*\//u, "");

/** Of a rollout whose deployment is known by its id. Decides from one look alone, so it may be asked again at any time. */
export function ecsVerdict(look: EcsLook, marks: Pick<ServiceMarks, "deployment" | "before" | "previous">): EcsVerdict {
  const mine = look.deployments.find(({ id }) => id === marks.deployment);
  const primary = primaryOf(look);
  if (mine?.state === "FAILED") return { is: "rolled-back", reason: failedWhy(mine, primary, marks.previous) };
  if (primary === undefined) return { is: "moving", message: "ECS lists no deployment yet" };
  if (mine === undefined) {
    // ECS answers from copies: one that does not know the deployment yet still shows the one before it.
    if (primary.id === marks.before) return { is: "moving", message: "ECS does not show the deployment yet" };
    return primary.taskDefinition === marks.previous
      ? { is: "rolled-back", reason: `ECS brought ${shortOf(primary.taskDefinition)} back: ${primary.reason}` }
      : superseded(primary);
  }
  if (!mine.isPrimary)
    return primary.taskDefinition === marks.previous
      ? { is: "rolled-back", reason: `ECS brings ${shortOf(primary.taskDefinition)} back: ${primary.reason}` }
      : superseded(primary);
  const others = look.deployments.filter(({ id }) => id !== mine.id);
  const left = others.reduce((sum, { running, pending }) => sum + running + pending, 0);
  if (mine.state === "COMPLETED" && mine.running >= look.desired && left === 0) return { is: "deployed" };
  const stuck = stuckWhy(look, mine);
  return stuck === null ? { is: "moving", message: movingWords(look, mine, left) } : { is: "stalled", reason: stuck };
}

/** So often ECS must have said in a row that there is no room. It says so at most every few minutes. */
const oftenEnough = 3;

/**
 * Why a deployment comes no further that no circuit breaker counts: there is no room for its tasks. Null while one may still be
 * found: room that was found once counts from there.
 */
export function stuckWhy({ events }: Pick<EcsLook, "events">, { since }: Pick<EcsDeployment, "since">): string | null {
  const fresh = events.filter(({ at }) => at >= since);
  const started = fresh.findIndex(({ message }) => /has started \d+ tasks/u.test(message));
  const unplaced = (started === -1 ? fresh : fresh.slice(0, started)).filter(({ message }) => noRoom.test(message));
  return unplaced.length < oftenEnough ? null : `there is no room: ${unplaced[0]?.message ?? ""}`;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html */
const noRoom = /unable to place a task|capacity is unavailable|reached the limit on the number of/iu;

const superseded = ({ id, taskDefinition, reason }: EcsDeployment): EcsVerdict => ({
  is: "superseded",
  reason: `superseded: deployment ${id} of ${shortOf(taskDefinition)} took its place, which this rollout did not begin (${reason})`,
});

function failedWhy(mine: EcsDeployment, primary: EcsDeployment | undefined, previous: string | null): string {
  const back =
    primary !== undefined && primary.id !== mine.id && primary.taskDefinition === previous
      ? `; ECS brings ${shortOf(primary.taskDefinition)} back`
      : "";
  return `${mine.reason === "" ? "the deployment failed" : mine.reason} (${mine.failed} tasks failed${back})`;
}

function movingWords(look: EcsLook, mine: EcsDeployment, left: number): string {
  const stuck = look.events.find(
    ({ message, at }) =>
      at >= mine.since &&
      /unable to (?:place|start|consistently start)|capacity is unavailable|CannotPull|not able to/iu.test(message),
  )?.message;
  const counts = `${mine.running} of ${look.desired} new tasks run, ${left} old`;
  const failures = mine.failed > 0 ? `, ${mine.failed} failed` : "";
  return `${counts}${failures}${stuck === undefined ? "" : `; stalled: ${stuck}`}`;
}

/** Whether what ran before is back, whole. */
export function backVerdict(
  look: EcsLook,
  { previous, desired }: Pick<ServiceMarks, "previous" | "desired">,
): "not begun" | "moving" | "back" | "failed" | "somebody else's" {
  const primary = primaryOf(look);
  if (primary === undefined) return "moving";
  if (primary.taskDefinition !== previous) {
    return primary.taskDefinition === look.marks.taskDefinition ? "not begun" : "somebody else's";
  }
  if (desired !== null && look.desired < desired) return "not begun";
  if (desired === 0 && look.desired > 0) return "not begun";
  if (primary.state === "FAILED") return "failed";
  const others = look.deployments.filter(({ id }) => id !== primary.id);
  const left = others.some(({ running, pending }) => running + pending > 0);
  return primary.state === "COMPLETED" && primary.running >= look.desired && !left ? "back" : "moving";
}
