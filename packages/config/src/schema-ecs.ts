import { codeDeployHooks } from "@fairway/core";
import { z } from "zod";
import { nameForm } from "./forms.ts";
import type { EcsConfig } from "./project-config.ts";
import { awsAccess } from "./schema-aws.ts";
import { duration, form, text } from "./schema-parts.ts";

const name = form(nameForm, "must be a name of small letters, digits and dashes that begins with a letter");
const ecsName = form(/^[\w-]{1,255}$/u, "must be letters, digits, - and _, at most 255");

const codeDeployName = text("must be a name of at most 100 characters").min(1).max(100);

const codeDeploy = z
  .strictObject(
    {
      application: codeDeployName.meta({ description: "The application of CodeDeploy.", examples: ["shop"] }),
      group: codeDeployName.meta({
        description: "Its deployment group, which names the service and the two target groups.",
        examples: ["shop-api"],
      }),
      configuration: codeDeployName.optional().meta({
        description: "How traffic goes over, by CodeDeploy's name for it. What fits the strategy when left out.",
        examples: ["CodeDeployDefault.ECSLinear10PercentEvery3Minutes"],
      }),
      hooks: z
        .partialRecord(z.enum(codeDeployHooks), text("must be the name or the ARN of a function").min(1), {
          error: `must be an object of functions by ${codeDeployHooks.join(", ")}`,
        })
        .optional()
        .meta({
          description: "Functions of AWS Lambda that CodeDeploy calls, and whose word it waits for.",
          examples: [{ AfterAllowTestTraffic: "shop-api-smoke" }],
        }),
    },
    { error: "must be an object { application, group, configuration, hooks }" },
  )
  .meta({
    id: "CodeDeployConfig",
    description: "The deployment group of AWS CodeDeploy that moves a service, which is there already.",
  });

const service = z
  .strictObject(
    {
      service: ecsName.optional().meta({
        description: "The ECS service, which is there already. The name of Fairway's own service when left out.",
        examples: ["shop-api"],
      }),
      family: ecsName.optional().meta({
        description: "Under which task definitions are registered. The family that the service has when left out.",
      }),
      container: ecsName.optional().meta({
        description: "Which container of the task gets the release's image. Needed where there are several.",
        examples: ["web"],
      }),
      alarms: z
        .array(text("must be the name of an alarm").min(1), { error: "must be a list of names" })
        .optional()
        .meta({
          description:
            "CloudWatch alarms that bring the old release back when they fire while the new one takes over. One that fires already refuses the deployment, for ECS would ignore it.",
          examples: [["shop-api-5xx"]],
        }),
      codeDeploy: codeDeploy.optional().meta({
        description: "Who moves the service where its deployment controller is CODE_DEPLOY. ECS itself when left out.",
        examples: [{ application: "shop", group: "shop-api" }],
      }),
      migrate: z
        .strictObject(
          {
            command: z
              .array(text("must be a word").min(1), { error: "must be a list of words" })
              .min(1, "must have a word")
              .meta({
                description: "What runs, as a list of words; the first is a program of the image.",
                examples: [["alembic", "upgrade", "head"]],
              }),
            timeout: duration(1_000)
              .optional()
              .meta({ description: "What runs longer is stopped, and has failed.", default: "15m" }),
          },
          { error: "must be an object { command, timeout }" },
        )
        .optional()
        .meta({
          id: "EcsMigrateConfig",
          description:
            "Migrations that run inside AWS: a one-off task with the release's image and the network of the service, before any of its tasks is replaced. Once for each deployment, and never on the way back.",
          examples: [{ command: ["alembic", "upgrade", "head"] }],
        }),
    },
    { error: "must be an object { service, family, container, alarms, codeDeploy, migrate }" },
  )
  .meta({ id: "EcsServiceConfig", description: "One service as ECS has it." });

/** Which services of an environment run on Amazon ECS. */
export const ecs: z.ZodType<EcsConfig> = z
  .strictObject(
    {
      ...awsAccess,
      cluster: ecsName.meta({ description: "The cluster, which is there already.", examples: ["shop"] }),
      poll: duration(250)
        .optional()
        .meta({ description: "Between two looks at a service that moves.", default: "15s" }),
      services: z.record(name, service, { error: "must be an object of services" }).meta({
        description: "What runs there, by name. What is not named runs where it did.",
        examples: [{ api: {} }],
      }),
    },
    { error: "must be an object with region, cluster and services" },
  )
  .meta({
    id: "EcsConfig",
    description:
      "Services that run on Amazon ECS instead of Fairway's own machine. The cluster and its services are there already; a deployment changes which image they run.",
    examples: [{ region: "eu-central-1", cluster: "shop", services: { api: { service: "shop-api" } } }],
  });
