import type { Deployment, Service, TaskSet } from "@aws-sdk/client-ecs";
import type { ServiceMarks } from "./service-marks.ts";
import { marksOf } from "./service-marks.ts";

/** One of the deployments that an ECS service lists. */
export interface EcsDeployment {
  readonly id: string;
  readonly isPrimary: boolean;
  readonly taskDefinition: string;
  readonly state: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly reason: string;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly failed: number;
  /** When it began; the moment 0 where ECS does not tell. */
  readonly since: number;
}

/** What ECS wrote down of a service. */
export interface EcsEvent {
  readonly message: string;
  readonly at: number;
}

/** An ECS service at one moment, as far as a rollout depends on it. */
export interface EcsLook {
  readonly arn: string;
  readonly controller: string;
  readonly desired: number;
  readonly taskDefinition: string;
  readonly deployments: readonly EcsDeployment[];
  /** Newest first. */
  readonly events: readonly EcsEvent[];
  readonly marks: ServiceMarks;
  readonly targetGroups: readonly string[];
  /** Whether traffic can be shifted: each load balancer has a second target group and its listener rules. */
  readonly isShiftable: boolean;
  /** The container and port to which its load balancer sends; null where it has none. */
  readonly balanced: { readonly container: string; readonly port: number } | null;
}

/** What ECS says of a service, read without trusting that any of it is there. */
export const lookOf = (service: Service): EcsLook => ({
  arn: service.serviceArn ?? "",
  controller: service.deploymentController?.type ?? "ECS",
  desired: service.desiredCount ?? 0,
  taskDefinition: service.taskDefinition ?? "",
  deployments:
    service.deploymentController?.type === "CODE_DEPLOY"
      ? (service.taskSets ?? []).map(taskSetOf)
      : (service.deployments ?? []).map(deploymentOf),
  events: (service.events ?? [])
    .slice(0, 20)
    .map(({ message = "", createdAt }) => ({ message, at: createdAt?.getTime() ?? 0 })),
  marks: marksOf(service.tags),
  targetGroups: (service.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
  isShiftable:
    (service.loadBalancers ?? []).length > 0 &&
    (service.loadBalancers ?? []).every(
      ({ advancedConfiguration: shift }) => shift?.alternateTargetGroupArn !== undefined && shift.roleArn !== undefined,
    ),
  balanced: balancedOf(service),
});

function balancedOf({ loadBalancers = [], taskSets = [] }: Service): EcsLook["balanced"] {
  const [first] = [...loadBalancers, ...taskSets.flatMap((set) => set.loadBalancers ?? [])];
  return first?.containerName === undefined || first.containerPort === undefined
    ? null
    : { container: first.containerName, port: first.containerPort };
}

/** The tasks that CodeDeploy keeps for one revision; it counts no failures, and says how it went itself. */
const taskSetOf = (given: TaskSet): EcsDeployment => ({
  id: given.id ?? "",
  isPrimary: given.status === "PRIMARY",
  taskDefinition: given.taskDefinition ?? "",
  state: given.stabilityStatus === "STEADY_STATE" ? "COMPLETED" : "IN_PROGRESS",
  reason: "",
  desired: given.computedDesiredCount ?? 0,
  running: given.runningCount ?? 0,
  pending: given.pendingCount ?? 0,
  failed: 0,
  since: given.createdAt?.getTime() ?? 0,
});

function deploymentOf(given: Deployment): EcsDeployment {
  const state = given.rolloutState;
  return {
    id: given.id ?? "",
    isPrimary: given.status === "PRIMARY",
    taskDefinition: given.taskDefinition ?? "",
    // What ECS does not tell is not over: nothing may be called done that was not said to be.
    state: state === "COMPLETED" || state === "FAILED" ? state : "IN_PROGRESS",
    reason: given.rolloutStateReason ?? "",
    desired: given.desiredCount ?? 0,
    running: given.runningCount ?? 0,
    pending: given.pendingCount ?? 0,
    failed: given.failedTasks ?? 0,
    since: given.createdAt?.getTime() ?? 0,
  };
}
