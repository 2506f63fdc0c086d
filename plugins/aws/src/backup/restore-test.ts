import { createHash } from "node:crypto";
import type { Backup } from "@aws-sdk/client-backup";
import { FairwayError } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";

/** What AWS is to restore by itself now and then, so that it is known that it can be. */
export interface RestoreTestPlan {
  readonly name: string;
  /** `cron(0 5 ? * SUN *)`, in UTC. */
  readonly schedule: string;
  readonly vaultArn: string;
  /** AWS's word for what it is: `RDS`, `Aurora`, `EBS`, `DynamoDB`. */
  readonly resourceType: string;
  readonly resources: readonly string[];
  readonly role: string;
  /** How long what was restored stays to be looked at. */
  readonly validateWithinHours: number;
}

/**
 * Makes a plan of restore testing so, and its selection; what is otherwise is changed. Answers with its ARN. Safe to repeat.
 * AWS's names there have no dashes: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingPlanForCreate.html
 */
export async function ensureRestoreTest(backup: Backup, test: RestoreTestPlan): Promise<string> {
  const RestoreTestingPlanName = test.name.replaceAll(/\W/gu, "_").slice(0, 40);
  const arn = await ensurePlan(backup, RestoreTestingPlanName, test);
  await ensureSelection(backup, RestoreTestingPlanName, test);
  return arn;
}

async function ensurePlan(backup: Backup, RestoreTestingPlanName: string, test: RestoreTestPlan): Promise<string> {
  const ScheduleExpression = test.schedule;
  const RecoveryPointSelection = {
    Algorithm: "LATEST_WITHIN_WINDOW" as const,
    IncludeVaults: [test.vaultArn],
    RecoveryPointTypes: ["SNAPSHOT" as const],
  };
  const { RestoreTestingPlan: there } = await orNothing(backup.getRestoreTestingPlan({ RestoreTestingPlanName }));
  if (there !== undefined) {
    const isSo =
      there.ScheduleExpression === ScheduleExpression &&
      isSame(there.RecoveryPointSelection?.IncludeVaults, RecoveryPointSelection.IncludeVaults);
    if (!isSo)
      await backup.updateRestoreTestingPlan({
        RestoreTestingPlanName,
        RestoreTestingPlan: { ScheduleExpression, RecoveryPointSelection },
      });
    return there.RestoreTestingPlanArn ?? "";
  }
  const { RestoreTestingPlanArn: made } = await backup.createRestoreTestingPlan({
    CreatorRequestId: digest([test.name]).slice(0, 32),
    RestoreTestingPlan: { RestoreTestingPlanName, ScheduleExpression, RecoveryPointSelection },
  });
  if (made === undefined)
    throw new FairwayError("target_unreachable", "backup:CreateRestoreTestingPlan answered without a plan", {
      retryable: true,
    });
  return made;
}

async function ensureSelection(backup: Backup, RestoreTestingPlanName: string, test: RestoreTestPlan): Promise<void> {
  const RestoreTestingSelectionName = `${RestoreTestingPlanName}_selection`;
  const at = { RestoreTestingPlanName, RestoreTestingSelectionName };
  const wanted = {
    ProtectedResourceArns: [...test.resources],
    IamRoleArn: test.role,
    ValidationWindowHours: test.validateWithinHours,
  };
  const { RestoreTestingSelection: there } = await orNothing(backup.getRestoreTestingSelection(at));
  if (there?.ProtectedResourceType === test.resourceType) {
    const isSo =
      isSame(there.ProtectedResourceArns, wanted.ProtectedResourceArns) &&
      there.IamRoleArn === wanted.IamRoleArn &&
      there.ValidationWindowHours === wanted.ValidationWindowHours;
    if (!isSo) await backup.updateRestoreTestingSelection({ ...at, RestoreTestingSelection: wanted });
    return;
  }
  // What kind of resource it is AWS changes in no selection.
  if (there !== undefined) await backup.deleteRestoreTestingSelection(at);
  await backup.createRestoreTestingSelection({
    RestoreTestingPlanName,
    CreatorRequestId: digest([test.name, test.resourceType]).slice(0, 32),
    RestoreTestingSelection: {
      RestoreTestingSelectionName,
      ProtectedResourceType: test.resourceType,
      ...wanted,
    },
  });
}

/** The ARN of a plan by its name; null where there is none. */
export async function restoreTestPlan(backup: Backup, RestoreTestingPlanName: string): Promise<string | null> {
  const { RestoreTestingPlan: there } = await orNothing(backup.getRestoreTestingPlan({ RestoreTestingPlanName }));
  return there?.RestoreTestingPlanArn ?? null;
}

/** An empty answer where AWS has nothing of the name. */
const orNothing = async <Answer extends object>(asked: Promise<Answer>): Promise<Partial<Answer>> =>
  asked.catch((thrown: unknown) => {
    if (awsErrorName(thrown) === "ResourceNotFoundException") return {};
    throw thrown;
  });

const isSame = (one: readonly string[] | undefined, other: readonly string[]): boolean =>
  JSON.stringify((one ?? []).toSorted()) === JSON.stringify(other.toSorted());

const digest = (of: readonly string[]): string => createHash("sha256").update(JSON.stringify(of)).digest("hex");
