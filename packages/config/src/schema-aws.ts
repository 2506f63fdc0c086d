import { z } from "zod";
import type { AwsConfig } from "./project-config.ts";
import { nameForm } from "./forms.ts";
import { form, text, wholeNumber } from "./schema-parts.ts";

interface AccessForms {
  readonly region: z.ZodString;
  readonly account: z.ZodOptional<z.ZodString>;
  readonly profile: z.ZodOptional<z.ZodString>;
  readonly role: z.ZodOptional<z.ZodString>;
  readonly identity: z.ZodOptional<z.ZodLiteral<"fairway">>;
}

/** Which account and region are meant, and as whom they are spoken to: the same keys wherever AWS is configured. */
export const awsAccess: AccessForms = {
  region: form(/^[a-z]{2}(?:-[a-z]+)+-\d$/u, 'must be a region such as "eu-central-1"').meta({
    description: "The region.",
    examples: ["eu-central-1"],
  }),
  account: form(/^\d{12}$/u, 'must be an account of twelve digits, as a text: "123456789012"')
    .optional()
    .meta({
      description: "The account that must be meant. Credentials of another are refused before anything is changed.",
      examples: ["123456789012"],
    }),
  profile: text("must be the name of a profile")
    .min(1)
    .optional()
    .meta({
      description:
        "Of the AWS configuration files of the daemon's user, SSO included. Without it the usual chain counts: environment, web identity, container, instance.",
      examples: ["production"],
    }),
  role: form(
    /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/u,
    'must be the ARN of a role, "arn:aws:iam::123456789012:role/deploy"',
  )
    .optional()
    .meta({
      description: "A role that is taken on with those credentials.",
      examples: ["arn:aws:iam::123456789012:role/fairway"],
    }),
  identity: z
    .literal("fairway", { error: 'must be "fairway"' })
    .optional()
    .meta({
      description:
        "Takes the role on without any keys: with a token of ten minutes that this daemon signs, whose issuer (`<its address>/oidc`) the role trusts. AWS must be able to reach that address.",
      examples: ["fairway"],
    }),
};

const name = form(nameForm, "must be a name of small letters, digits and dashes that begins with a letter");
const bucket = form(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u, "must be the name of a bucket").meta({
  description: "The bucket, which is there already.",
  examples: ["shop-fairway"],
});
const prefix = form(/^(?:[\w.=-]+\/)+$/u, 'must be a prefix that ends with a slash, such as "fairway/"')
  .optional()
  .meta({ description: "What the names of its objects begin with.", default: "fairway/" });

const balancer = z
  .strictObject(
    {
      listener: form(
        /^arn:aws[\w-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener\/app\/[\w/-]+$/u,
        "must be the ARN of a listener of an Application Load Balancer",
      ).meta({
        description:
          "The listener whose rules Fairway writes, from priority 1000. Rules of others stay, and go first where theirs is lower.",
        examples: [
          "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2",
        ],
      }),
      vpc: form(/^vpc-[0-9a-f]+$/u, 'must be a VPC such as "vpc-0a1b2c3d"').meta({
        description: "The VPC of the load balancer and of this machine.",
        examples: ["vpc-0a1b2c3d4e5f67890"],
      }),
      address: form(/^(?:\d{1,3}\.){3}\d{1,3}$/u, 'must be an address such as "10.0.1.12"').meta({
        description:
          "This machine, as the load balancer reaches it. Replicas then listen on every address (`HOST` is 0.0.0.0): let nobody but the load balancer reach their ports.",
        examples: ["10.0.1.12"],
      }),
      tables: z
        .strictObject({ bucket, prefix }, { error: "must be an object { bucket, prefix }" })
        .meta({ description: "Where the routing table is kept: each version is an object that is written once." }),
      services: z
        .array(name, { error: "must be a list of services" })
        .optional()
        .meta({
          description: "Whose public traffic it carries; all that run on this machine when left out.",
          examples: [["web"]],
        }),
    },
    { error: "must be an object { listener, vpc, address, tables, services }" },
  )
  .meta({
    id: "BalancerConfig",
    description:
      "An Application Load Balancer in front of services that run on Fairway's machine: routes are its rules, the replicas of a release a target group, shares of traffic the weights of a forward.",
  });

const archive = z
  .strictObject(
    {
      bucket,
      prefix,
      hold: z
        .strictObject(
          {
            mode: z.enum(["governance", "compliance"], { error: 'must be "governance" or "compliance"' }).meta({
              description:
                "Who may take an object away before its time: somebody with a permission of its own, or nobody.",
            }),
            days: wholeNumber(1, 36_500).meta({ description: "For how long.", examples: [2555] }),
          },
          { error: "must be an object { mode, days }" },
        )
        .optional()
        .meta({ description: "Object lock for what is kept. The bucket's own rule counts when left out." }),
    },
    { error: "must be an object { bucket, prefix, hold }" },
  )
  .meta({
    id: "AwsArchiveConfig",
    description:
      "Keeps all that is on record of each release that was deployed here, signed, in S3. Nothing there is ever written over.",
    examples: [{ bucket: "shop-evidence", hold: { mode: "compliance", days: 2555 } }],
  });

/** What of AWS an environment uses besides running services there. */
export const aws: z.ZodType<AwsConfig> = z
  .strictObject(
    {
      ...awsAccess,
      dashboards: z.boolean({ error: "must be true or false" }).optional().meta({
        description: "Makes a dashboard of CloudWatch for each service on ECS, which notices lead to.",
        default: false,
      }),
      balancer: balancer.optional(),
      archive: archive.optional(),
    },
    { error: "must be an object with a region" },
  )
  .meta({
    id: "AwsConfig",
    description:
      "What of AWS this environment uses besides `ecs`, and as whom. Checks that ask AWS are asked so too; without it they are asked as `ecs` says.",
    examples: [{ region: "eu-central-1", account: "123456789012", dashboards: true }],
  });
