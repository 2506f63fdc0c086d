import type { Deployment, Service } from "@aws-sdk/client-ecs";
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
}

/** An ECS service at one moment, as far as a rollout depends on it. */
export interface EcsLook {
  readonly arn: string;
  readonly controller: string;
  readonly desired: number;
  readonly taskDefinition: string;
  readonly deployments: readonly EcsDeployment[];
  /** Newest first. */
  readonly events: readonly string[];
  readonly marks: ServiceMarks;
  readonly targetGroups: readonly string[];
  /** Whether traffic can be shifted: each load balancer has a second target group and its listener rules. */
  readonly isShiftable: boolean;
}

/** What ECS says of a service, read without trusting that any of it is there. */
export const lookOf = (service: Service): EcsLook => ({
  arn: service.serviceArn ?? "",
  controller: service.deploymentController?.type ?? "ECS",
  desired: service.desiredCount ?? 0,
  taskDefinition: service.taskDefinition ?? "",
  deployments: (service.deployments ?? []).map(deploymentOf),
  events: (service.events ?? []).slice(0, 20).map(({ message = "" }) => message),
  marks: marksOf(service.tags),
  targetGroups: (service.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
  isShiftable:
    (service.loadBalancers ?? []).length > 0 &&
    (service.loadBalancers ?? []).every(
      ({ advancedConfiguration: shift }) => shift?.alternateTargetGroupArn !== undefined && shift.roleArn !== undefined,
    ),
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
  };
}
