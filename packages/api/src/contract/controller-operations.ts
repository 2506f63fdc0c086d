import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { controllerPlanShape } from "../shapes/controller.ts";
import { by, flag, none, words } from "./inputs.ts";

const service = z.object({
  environment: z.string().min(1).max(100),
  service: z.string().min(1).max(100),
});
const role = words(2048).min(1).describe("The ARN of the role with which ECS changes the load balancer");

/** The switch of a service from CodeDeploy to ECS's own deployment controller. */
export const controllerOperations = {
  controllerPlan: {
    ...routes.controllerPlan,
    summary:
      "What switching a service from CodeDeploy to ECS's own deployment controller would change. Changes nothing.",
    access: "read",
    params: service,
    query: z.object({
      role: role.optional(),
      withoutHooks: flag.describe("Whether functions that CodeDeploy calls may go"),
    }),
    body: null,
    answer: controllerPlanShape,
    kind: "json",
  },
  switchController: {
    ...routes.switchController,
    summary: "Switches a service to ECS's own deployment controller, as it was shown. No task is replaced.",
    access: "change",
    params: service,
    query: none,
    body: z.object({
      digest: z.string().min(1).max(100).describe("Of the plan that was shown"),
      role,
      withoutHooks: z.boolean().default(false),
      by,
    }),
    answer: controllerPlanShape,
    kind: "json",
  },
} as const satisfies Record<string, Route>;
