import type { EcsPlacement } from "./ecs-placement.ts";

/** One statement of a policy of IAM. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy as IAM takes it. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

/**
 * The least that deployments to these services need: the calls that are made, each on the resources that it is made on, as
 * far as IAM lets that be said. A test of the adapter holds it to the calls that it really makes.
 */
export function ecsPolicy(placements: readonly EcsPlacement[], registry: string | null): PolicyDocument {
  const arn = ({ region, account }: EcsPlacement, what: string): string =>
    `arn:aws:ecs:${region}:${account ?? "*"}:${what}`;
  const each = (of: (placement: EcsPlacement) => string): readonly string[] => [...new Set(placements.map(of))];
  const below = (kind: string) => (placement: EcsPlacement) =>
    arn(placement, `${kind}/${placement.cluster}/${placement.service}/*`);
  const services = each((placement) => arn(placement, `service/${placement.cluster}/${placement.service}`));
  const clusters = each((placement) => arn(placement, `cluster/${placement.cluster}`));
  const families = each((placement) => arn(placement, `task-definition/${placement.family ?? "*"}:*`));
  const inEcr = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\/(.+))?$/u.exec(registry ?? "");
  return {
    Version: "2012-10-17",
    Statement: [
      allow("Services", ["ecs:DescribeServices", "ecs:ListServiceDeployments", "ecs:UpdateService"], services),
      allow("Marks", ["ecs:TagResource"], [...services, ...families]),
      allow(
        "ServiceDeployments",
        ["ecs:ContinueServiceDeployment", "ecs:DescribeServiceDeployments", "ecs:StopServiceDeployment"],
        each(below("service-deployment")),
      ),
      allow("ServiceRevisions", ["ecs:DescribeServiceRevisions"], each(below("service-revision"))),
      allow("Register", ["ecs:RegisterTaskDefinition"], families),
      // IAM takes no resource for these.
      allow("TaskDefinitions", [
        "ecs:DeregisterTaskDefinition",
        "ecs:DescribeTaskDefinition",
        "ecs:ListTaskDefinitions",
      ]),
      {
        ...allow("Tasks", ["ecs:DescribeTasks", "ecs:ListTasks"]),
        Condition: { ArnEquals: { "ecs:cluster": clusters } },
      },
      ...oneOffTasks(placements, clusters),
      {
        ...allow("RolesOfTasks", ["iam:PassRole"]),
        Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
      },
      // What versions a secret has, where a task definition names one; never its value.
      allow(
        "SecretVersions",
        ["secretsmanager:DescribeSecret"],
        each(({ region, account }) => `arn:aws:secretsmanager:${region}:${account ?? "*"}:secret:*`),
      ),
      // The last lines of tasks that ended, where they go to CloudWatch.
      allow(
        "LastLines",
        ["logs:GetLogEvents"],
        each(({ region, account }) => `arn:aws:logs:${region}:${account ?? "*"}:log-group:*`),
      ),
      // Before a deployment begins it is told what of all this is not allowed.
      allow(
        "OwnPermissions",
        ["iam:SimulatePrincipalPolicy"],
        [
          ...new Set(
            placements.flatMap(({ account, role }) =>
              role === null ? ["role", "user"].map((kind) => `arn:aws:iam::${account ?? "*"}:${kind}/*`) : [role],
            ),
          ),
        ],
      ),
      ...byCodeDeploy(placements),
      allow("Targets", ["elasticloadbalancing:DescribeTargetHealth"]),
      ...(placements.some(({ alarms }) => alarms.length > 0) ? [allow("Alarms", ["cloudwatch:DescribeAlarms"])] : []),
      ...(inEcr === null
        ? []
        : [
            allow("LoginToImages", ["ecr:GetAuthorizationToken"]),
            allow(
              "Images",
              [
                "ecr:CreateRepository",
                "ecr:DescribeImageScanFindings",
                "ecr:DescribeImages",
                "ecr:DescribeRepositories",
                "ecr:GetLifecyclePolicy",
                "ecr:ListTagsForResource",
                "ecr:PutLifecyclePolicy",
                "ecr:StartImageScan",
                // What a push and a pull are made of.
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchDeleteImage",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:GetDownloadUrlForLayer",
                "ecr:InitiateLayerUpload",
                "ecr:ListImages",
                "ecr:PutImage",
                "ecr:TagResource",
                "ecr:UploadLayerPart",
              ],
              [`arn:aws:ecr:${inEcr[2]}:${inEcr[1]}:repository/${inEcr[3] === undefined ? "*" : `${inEcr[3]}/*`}`],
            ),
          ]),
    ],
  };
}

/** What a command of a placement's own needs: one task, with the service's family and `-once`, and its log. */
function oneOffTasks(placements: readonly EcsPlacement[], clusters: readonly string[]): readonly PolicyStatement[] {
  const those = placements.filter(({ migrate }) => migrate !== undefined);
  if (those.length === 0) return [];
  const at = (service: string, what: (of: EcsPlacement) => string): readonly string[] => [
    ...new Set(those.map((each) => `arn:aws:${service}:${each.region}:${each.account ?? "*"}:${what(each)}`)),
  ];
  const once = at("ecs", ({ family }) => `task-definition/${family ?? "*"}-once:*`);
  const inCluster = { Condition: { ArnEquals: { "ecs:cluster": clusters } } };
  return [
    allow("RegisterOnce", ["ecs:RegisterTaskDefinition"], once),
    { ...allow("RunOnce", ["ecs:RunTask"], once), ...inCluster },
    {
      ...allow(
        "StopOnce",
        ["ecs:StopTask"],
        at("ecs", ({ cluster }) => `task/${cluster}/*`),
      ),
      ...inCluster,
    },
    allow(
      "LogsOfTasks",
      ["logs:GetLogEvents"],
      at("logs", () => "log-group:*"),
    ),
  ];
}

/** What services need that CodeDeploy moves: their own groups, and the configurations that come with it or are the team's. */
function byCodeDeploy(placements: readonly EcsPlacement[]): readonly PolicyStatement[] {
  const each = (what: (placement: EcsPlacement) => readonly string[]): readonly string[] => [
    ...new Set(placements.flatMap(what)),
  ];
  const named = ({ region, account }: EcsPlacement, what: string): string =>
    `arn:aws:codedeploy:${region}:${account ?? "*"}:${what}`;
  const groups = each((placement) => {
    const { codeDeploy } = placement;
    return codeDeploy === null
      ? []
      : [named(placement, `deploymentgroup:${codeDeploy.application}/${codeDeploy.group}`)];
  });
  if (groups.length === 0) return [];
  return [
    allow(
      "CodeDeploy",
      [
        "codedeploy:BatchGetDeployments",
        "codedeploy:BatchGetDeploymentTargets",
        "codedeploy:ContinueDeployment",
        "codedeploy:CreateDeployment",
        "codedeploy:GetDeployment",
        "codedeploy:GetDeploymentGroup",
        "codedeploy:ListDeployments",
        "codedeploy:ListDeploymentTargets",
        "codedeploy:StopDeployment",
      ],
      groups,
    ),
    allow(
      "CodeDeployRevisions",
      ["codedeploy:GetApplicationRevision", "codedeploy:RegisterApplicationRevision"],
      each((placement) =>
        placement.codeDeploy === null ? [] : [named(placement, `application:${placement.codeDeploy.application}`)],
      ),
    ),
    allow(
      "CodeDeployConfigurations",
      ["codedeploy:GetDeploymentConfig"],
      each((placement) => (placement.codeDeploy === null ? [] : [named(placement, "deploymentconfig:*")])),
    ),
  ];
}

const allow = (Sid: string, Action: readonly string[], Resource: readonly string[] = ["*"]): PolicyStatement => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource,
});
