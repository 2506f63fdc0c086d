import { z } from "zod";
import type { PreviewsConfig } from "./project-config.ts";
import { form } from "./schema-parts.ts";

/** `previews.ecs`: where previews of services on ECS run. The rest of how AWS is reached is that of the environment. */
export const ecsPreviews: z.ZodType<NonNullable<PreviewsConfig["ecs"]>> = z
  .strictObject(
    {
      listener: form(
        /^arn:aws[\w-]*:elasticloadbalancing:[\w-]+:\d{12}:listener\/app\/.+$/u,
        "must be the ARN of a listener of an Application Load Balancer",
      ).meta({
        description:
          "A listener of an Application Load Balancer to which `*.<domain>` leads. Each host of a preview gets a rule of it; the rules of others are left alone.",
        examples: ["arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/previews/50dc6c49/f2f7dc8e"],
      }),
      protocol: z
        .enum(["http", "https"], { error: 'must be "http" or "https"' })
        .optional()
        .meta({ description: "What that listener speaks.", default: "https" }),
      cluster: form(/^[\w-]{1,255}$/u, "must be letters, digits, - and _, at most 255")
        .optional()
        .meta({
          description: "The cluster of the previews, which is there already. That of the environment when left out.",
          examples: ["previews"],
        }),
      wake: form(/^(?:\d{1,3}\.){3}\d{1,3}:\d{1,5}$/u, "must be an address of IPv4 and a port, such as 10.0.3.7:7080")
        .optional()
        .meta({
          description:
            "Where the load balancer reaches this daemon, which listens there with `FAIRWAY_WAKE_ADDRESS`: requests to what sleeps go to it. Without it previews on ECS do not sleep.",
          examples: ["10.0.3.7:7080"],
        }),
      taskRole: form(
        /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/u,
        'must be the ARN of a role, "arn:aws:iam::123456789012:role/preview"',
      )
        .optional()
        .meta({
          description:
            "What the tasks of previews may do at AWS. Nothing when left out: never what the environment may.",
          examples: ["arn:aws:iam::123456789012:role/previews"],
        }),
    },
    { error: "must be an object { listener, protocol, cluster, wake, taskRole }" },
  )
  .meta({
    id: "EcsPreviewsConfig",
    description:
      "Where the services of a preview run that their environment has on ECS: a service each, made from the environment's and taken away with the preview. Without it they run on Fairway's own machine.",
    examples: [
      { listener: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/previews/50dc6c49/f2f7dc8e" },
    ],
  });
