import type { EcsPreviews } from "../environment/ecs-previews.ts";
import { ecsPreviewName, ecsPreviewPlacement } from "../environment/ecs-previews.ts";
import type { EcsPlacement } from "./ecs-placement.ts";
import type { PolicyDocument, PolicyStatement } from "./ecs-policy.ts";
import { ecsPolicy } from "./ecs-policy.ts";

/**
 * The least that previews on ECS need besides what the environment's services do: to make, move and take away what bears the
 * name of this project's previews, as far as IAM lets that be said. A test of the adapter holds it to the calls that it makes.
 */
export function ecsPreviewPolicy(
  previews: EcsPreviews,
  like: readonly EcsPlacement[],
  registry: string | null,
): PolicyDocument {
  const { region, owner, cluster, listener } = previews;
  const account = previews.account ?? /:(\d{12}):listener\//u.exec(listener)?.[1] ?? "*";
  const arn = (service: string, what: string): string => `arn:aws:${service}:${region}:${account}:${what}`;
  const [base] = like;
  const any = base === undefined ? [] : [ecsPreviewPlacement({ ...previews, account }, base, "*", "*")];
  const services = [arn("ecs", `service/${cluster}/${ecsPreviewName(owner, "*", "*")}`)];
  const balancer = /:listener\/(app\/[^/]+\/[^/]+)\/([^/]+)$/u.exec(listener);
  const rules = [arn("elasticloadbalancing", `listener-rule/${balancer?.[1] ?? "*"}/${balancer?.[2] ?? "*"}/*`)];
  const groups = ["fwp", "fww"].map((kind) => arn("elasticloadbalancing", `targetgroup/${kind}-*/*`));
  const allow = (Sid: string, Action: readonly string[], Resource: readonly string[] = ["*"]): PolicyStatement => ({
    Sid: `Previews${Sid}`,
    Effect: "Allow",
    Action,
    Resource,
  });
  return {
    Version: "2012-10-17",
    Statement: [
      ...ecsPolicy(any, registry).Statement.map((one) => ({ ...one, Sid: `Previews${one.Sid}` })),
      allow("Made", ["ecs:CreateService", "ecs:DeleteService"], services),
      allow(
        "Like",
        ["ecs:DescribeServices"],
        like.map((each) => arn("ecs", `service/${each.cluster}/${each.service}`)),
      ),
      allow("Rules", ["elasticloadbalancing:CreateRule", "elasticloadbalancing:AddTags"], [listener, ...rules]),
      allow("RulesChanged", ["elasticloadbalancing:DeleteRule", "elasticloadbalancing:ModifyRule"], rules),
      allow(
        "Groups",
        [
          "elasticloadbalancing:AddTags",
          "elasticloadbalancing:CreateTargetGroup",
          "elasticloadbalancing:DeleteTargetGroup",
          "elasticloadbalancing:ModifyTargetGroupAttributes",
          "elasticloadbalancing:RegisterTargets",
        ],
        groups,
      ),
      allow(
        "Secrets",
        [
          "secretsmanager:CreateSecret",
          "secretsmanager:DeleteSecret",
          "secretsmanager:DescribeSecret",
          "secretsmanager:PutSecretValue",
          "secretsmanager:TagResource",
        ],
        [arn("secretsmanager", `secret:fairway/previews/${owner}/*`)],
      ),
      // IAM takes no resource for these.
      allow("Looks", [
        "cloudwatch:GetMetricData",
        "ecs:ListServices",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
      ]),
    ],
  };
}
