import type { PlannedAwsBackup } from "../backup/planned-backup.ts";
import type { ManagedRotation } from "../duty/duty-run.ts";
import type { AwsAccess, BalancerPlacement } from "../environment/environment-aws.ts";
import type { Environment } from "../project/project.ts";
import type { PolicyDocument, PolicyStatement } from "./ecs-policy.ts";
import { ecsPolicy } from "./ecs-policy.ts";

/** Everything of a configuration that is done at AWS. */
export interface AwsConfigured {
  readonly environments: readonly Environment[];
  /** The server of the project's registry; null where it has none. */
  readonly registry: string | null;
  readonly backups: readonly PlannedAwsBackup[];
  readonly rotations: readonly ManagedRotation[];
}

/** The least that the daemon needs at AWS for what is configured; a policy without statements where nothing is. */
export function awsPolicy({ environments, registry, backups, rotations }: AwsConfigured): PolicyDocument {
  const placements = environments.flatMap((each) =>
    each.placements.flatMap(({ ecs }) => (ecs === undefined ? [] : [ecs])),
  );
  const ofEcs = ecsPolicy(placements, registry).Statement;
  // Without a service on ECS its statements would name nothing; a registry of ECR is used all the same.
  const images = ofEcs.filter(({ Sid }) => Sid === "Images" || Sid === "LoginToImages");
  return {
    Version: "2012-10-17",
    Statement: [
      ...(placements.length > 0 ? ofEcs : images),
      ...ofBalancers(environments),
      ...ofCloudWatch(
        environments,
        placements.some(({ alarms }) => alarms.length > 0),
      ),
      ...ofArchives(environments),
      ...ofAccounts(environments),
      ...ofBackups(backups),
      ...ofRotations(rotations),
    ],
  };
}

function ofBalancers(environments: readonly Environment[]): readonly PolicyStatement[] {
  const balancers = unique(
    environments.flatMap(({ placements }) =>
      placements.flatMap(({ balancer }) => (balancer === undefined ? [] : [balancer])),
    ),
  );
  if (balancers.length === 0) return [];
  const at = ({ listener }: BalancerPlacement): readonly string[] => listener.split(":");
  const groups = unique(balancers.map((each) => `${at(each).slice(0, 5).join(":")}:targetgroup/fw-*/*`));
  const rules = unique(balancers.map(({ listener }) => `${listener.replace(":listener/", ":listener-rule/")}/*`));
  return [
    // IAM takes no resource for what is described.
    allow("BalancerLooks", [
      "elasticloadbalancing:DescribeRules",
      "elasticloadbalancing:DescribeTags",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
    ]),
    allow(
      "BalancerRulesMade",
      ["elasticloadbalancing:AddTags", "elasticloadbalancing:CreateRule"],
      [...unique(balancers.map(({ listener }) => listener)), ...rules],
    ),
    allow(
      "BalancerRules",
      ["elasticloadbalancing:DeleteRule", "elasticloadbalancing:ModifyRule", "elasticloadbalancing:SetRulePriorities"],
      rules,
    ),
    allow(
      "BalancerGroups",
      [
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:DeregisterTargets",
        "elasticloadbalancing:RegisterTargets",
      ],
      groups,
    ),
    allow("BalancerTables", ["s3:GetObject", "s3:PutObject"], unique(balancers.map(({ tables }) => objects(tables)))),
    allow(
      "BalancerTableNames",
      ["s3:ListBucket"],
      unique(balancers.map(({ tables: { bucket } }) => `arn:aws:s3:::${bucket}`)),
    ),
  ];
}

/** Alarms, canaries, numbers of analyses and dashboards. IAM takes no resource for what is only read. */
function ofCloudWatch(environments: readonly Environment[], hasAlarms: boolean): readonly PolicyStatement[] {
  const asked = environments.flatMap(({ verify }) => verify.flatMap(({ platform }) => platform?.asks ?? []));
  const analyses = environments.flatMap(({ placements }) =>
    placements.flatMap(({ strategy }) => ("analysis" in strategy ? (strategy.analysis?.cloudwatch ?? []) : [])),
  );
  const wantsAlarms = asked.includes("alarms") || analyses.length > 0;
  const dashboards = environments.flatMap(({ name, aws, placements }) =>
    aws?.dashboards === true && placements.some(({ ecs }) => ecs !== undefined)
      ? [`arn:aws:cloudwatch::${aws.access.account ?? "*"}:dashboard/fairway-${name}-*`]
      : [],
  );
  return [
    ...(wantsAlarms && !hasAlarms ? [allow("Alarms", ["cloudwatch:DescribeAlarms"])] : []),
    ...(asked.includes("canary") || analyses.length > 0 ? [allow("Numbers", ["cloudwatch:GetMetricData"])] : []),
    ...(dashboards.length > 0
      ? [
          allow("Dashboards", ["cloudwatch:PutDashboard"], unique(dashboards)),
          allow("DashboardGroups", ["elasticloadbalancing:DescribeTargetGroups"]),
        ]
      : []),
  ];
}

function ofArchives(environments: readonly Environment[]): readonly PolicyStatement[] {
  const archives = environments.flatMap(({ aws }) => aws?.archive ?? []);
  if (archives.length === 0) return [];
  const held = archives.filter(({ hold }) => hold !== null);
  return [
    allow("Archive", ["s3:GetObject", "s3:PutObject"], unique(archives.map(objects))),
    ...(held.length > 0 ? [allow("ArchiveHold", ["s3:PutObjectRetention"], unique(held.map(objects)))] : []),
    ...(held.length > 0
      ? [
          allow(
            "ArchiveBuckets",
            ["s3:GetBucketObjectLockConfiguration", "s3:GetBucketVersioning"],
            unique(held.map(({ bucket }) => `arn:aws:s3:::${bucket}`)),
          ),
        ]
      : []),
  ];
}

/** Who can do what in an account, for reviews of access; IAM is of a whole account. */
function ofAccounts(environments: readonly Environment[]): readonly PolicyStatement[] {
  const accounts = unique(environments.flatMap(({ aws }) => (aws === undefined ? [] : [aws.access.account ?? "*"])));
  if (accounts.length === 0) return [];
  return [
    allow("WhoIsThere", [
      "iam:GenerateCredentialReport",
      "iam:GetCredentialReport",
      "iam:GetServiceLastAccessedDetails",
      "iam:ListRoles",
    ]),
    allow(
      "WhatTheyMay",
      [
        "iam:GenerateServiceLastAccessedDetails",
        "iam:GetRole",
        "iam:ListAttachedRolePolicies",
        "iam:ListAttachedUserPolicies",
        "iam:ListGroupsForUser",
        "iam:ListUserPolicies",
      ],
      accounts.flatMap((account) => [`arn:aws:iam::${account}:role/*`, `arn:aws:iam::${account}:user/*`]),
    ),
  ];
}

function ofBackups(backups: readonly PlannedAwsBackup[]): readonly PolicyStatement[] {
  if (backups.length === 0) return [];
  const accountOf = ({ role }: PlannedAwsBackup): string => role.split(":")[4] ?? "*";
  const vault = (each: PlannedAwsBackup): string =>
    `arn:aws:backup:${each.region}:${accountOf(each)}:backup-vault:${each.vault}`;
  const made = backups.filter(({ watch }) => watch !== true);
  const copied = made.filter(({ copy }) => copy !== undefined);
  const tried = backups.filter(({ restoreTest }) => restoreTest !== undefined);
  const planned = made.filter(({ plan }) => plan !== undefined);
  const plansTried = backups.filter(({ restoreTest }) => typeof restoreTest === "object");
  const at = (each: PlannedAwsBackup, what: string): string =>
    `arn:aws:backup:${each.region}:${accountOf(each)}:${what}`;
  return [
    allow("Backups", ["backup:ListRecoveryPointsByBackupVault"], unique(backups.map(vault))),
    ...(made.length === 0
      ? []
      : [
          allow("BackupsMade", ["backup:StartBackupJob"], unique(made.map(vault))),
          {
            ...allow("RolesOfBackups", ["iam:PassRole"], unique(made.map(({ role }) => role))),
            Condition: { StringEquals: { "iam:PassedToService": "backup.amazonaws.com" } },
          },
        ]),
    ...(backups.some(({ copy }) => copy !== undefined) ? [allow("BackupCopies", ["backup:ListCopyJobs"])] : []),
    ...(copied.length === 0 ? [] : [allow("BackupsCopied", ["backup:StartCopyJob"])]),
    ...(tried.length === 0
      ? []
      : [
          allow("RestoreTests", [
            "backup:GetRestoreTestingPlan",
            "backup:ListRestoreJobs",
            "backup:PutRestoreValidationResult",
          ]),
        ]),
    ...(planned.length === 0
      ? []
      : [
          // IAM takes no resource for what is listed, and a plan has an ARN only once it is there.
          allow("BackupPlansFound", ["backup:CreateBackupPlan", "backup:ListBackupJobs", "backup:ListBackupPlans"]),
          allow(
            "BackupPlans",
            [
              "backup:CreateBackupSelection",
              "backup:DeleteBackupSelection",
              "backup:GetBackupPlan",
              "backup:ListBackupSelections",
              "backup:UpdateBackupPlan",
            ],
            unique(planned.map((each) => at(each, "backup-plan:*"))),
          ),
        ]),
    ...(plansTried.length === 0
      ? []
      : [
          allow(
            "RestoreTestPlans",
            [
              "backup:CreateRestoreTestingPlan",
              "backup:CreateRestoreTestingSelection",
              "backup:DeleteRestoreTestingSelection",
              "backup:GetRestoreTestingSelection",
              "backup:UpdateRestoreTestingPlan",
              "backup:UpdateRestoreTestingSelection",
            ],
            unique(plansTried.map((each) => at(each, "restore-testing-plan:fairway_*"))),
          ),
        ]),
  ];
}

function ofRotations(rotations: readonly ManagedRotation[]): readonly PolicyStatement[] {
  const arn = (access: AwsAccess, secret: string): string =>
    secret.startsWith("arn:")
      ? secret
      : `arn:aws:secretsmanager:${access.region}:${access.account ?? "*"}:secret:${secret}-*`;
  const of = (those: readonly ManagedRotation[]): readonly string[] =>
    unique(those.map(({ access, secret }) => arn(access, secret)));
  const tried = rotations.filter(({ verify }) => verify !== undefined);
  const [own, byFunction] = [
    rotations.filter(({ programs }) => programs !== undefined),
    rotations.filter(({ programs }) => programs === undefined),
  ];
  return rotations.length === 0
    ? []
    : [
        ...(byFunction.length === 0
          ? []
          : [allow("Rotations", ["secretsmanager:DescribeSecret", "secretsmanager:RotateSecret"], of(byFunction))]),
        ...(own.length === 0
          ? []
          : [
              allow(
                "OwnRotations",
                [
                  "secretsmanager:DescribeSecret",
                  "secretsmanager:PutSecretValue",
                  "secretsmanager:UpdateSecretVersionStage",
                ],
                of(own),
              ),
            ]),
        // Only of those whose keys a program tries.
        ...(tried.length === 0 ? [] : [allow("TriedRotations", ["secretsmanager:GetSecretValue"], of(tried))]),
      ];
}

const objects = ({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }): string =>
  `arn:aws:s3:::${bucket}/${prefix}*`;
const unique = <Value>(values: readonly Value[]): readonly Value[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

const allow = (Sid: string, Action: readonly string[], Resource: readonly string[] = ["*"]): PolicyStatement => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource,
});
