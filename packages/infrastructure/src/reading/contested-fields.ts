import type { ResourceChange } from "@fairway/core";

/** A field that a deployment writes too, so that each apply undoes the deployment. */
export interface ContestedField {
  readonly address: string;
  readonly field: string;
  /** What writes it besides the code. */
  readonly by: string;
  /** The lines to add to the resource. */
  readonly patch: string;
}

/**
 * Fields that deployments and autoscaling own once a service runs. Terraform's documentation of `aws_ecs_service` names both
 * (the provider's page of the resource, "Ignoring Changes to Desired Count").
 */
const owned: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  aws_ecs_service: { task_definition: "each deployment", desired_count: "autoscaling and deployments" },
  aws_lambda_alias: { function_version: "each deployment", routing_config: "each deployment" },
  aws_codedeploy_deployment_group: { load_balancer_info: "each deployment" },
  aws_lb_listener: { default_action: "each blue-green deployment" },
  aws_lb_listener_rule: { action: "each blue-green deployment" },
};

/** Which changes of a plan would undo what deployments do, with the line to add to the code. */
export function contestedFields(changes: readonly ResourceChange[]): readonly ContestedField[] {
  return changes
    .filter(({ action }) => action === "update")
    .flatMap(({ address, type, fields }) => {
      const fought = Object.hasOwn(owned, type) ? (owned[type] ?? {}) : {};
      const names = Object.keys(fought).filter((name) => fields.some(({ path }) => path.split(/[.[]/u)[0] === name));
      return names.map((field) => ({
        address,
        field,
        by: fought[field] ?? "",
        patch: `lifecycle {\n  ignore_changes = [${names.join(", ")}]\n}`,
      }));
    });
}
