import { createHash } from "node:crypto";
import { FairwayError } from "@fairway/core";
import { allPages } from "../session/all-pages.ts";
import type { AwsSession } from "../session/aws-session.ts";
import type { BackupJob, RestoreTest } from "./backup-jobs.ts";
import { jobOf, newestFirst, validations } from "./backup-jobs.ts";
import type { RestoreTestPlan } from "./restore-test.ts";
import { ensureRestoreTest, restoreTestPlan } from "./restore-test.ts";

/** What a plan of AWS Backup is to do, once a day or as often as its schedule says. */
export interface BackupPlan {
  readonly name: string;
  readonly vault: string;
  /** `cron(0 3 * * ? *)`, in UTC. */
  readonly schedule: string;
  readonly keepDays: number;
  /** Another vault, in another region or account, that every recovery point is copied to; null for none. */
  readonly copyTo: { readonly vaultArn: string; readonly keepDays: number } | null;
  /** What is backed up, by ARN, and as whom. */
  readonly resources: readonly string[];
  readonly role: string;
}

/** A plan as AWS has it. */
export interface StandingPlan {
  readonly id: string;
  readonly changed: boolean;
}

/** AWS Backup for what backs up and tries restores. Everything may be repeated. */
export interface AwsBackup {
  /** Makes the plan so, and selects its resources. */
  ensurePlan(plan: BackupPlan): Promise<StandingPlan>;
  /** Begins a backup now; the same key begins one. Answers with its id. */
  backUp(of: {
    readonly resource: string;
    readonly vault: string;
    readonly role: string;
    readonly key: string;
  }): Promise<string>;
  job(id: string): Promise<BackupJob>;
  /** Of one resource since then, newest first. */
  jobs(resource: string, since: Date): Promise<readonly BackupJob[]>;
  /**
   * Copies one recovery point into another vault; the same one into the same vault is one copy in each attempt, counted from 0.
   */
  copy(of: {
    readonly recoveryPoint: string;
    readonly from: string;
    readonly toVault: string;
    readonly role: string;
    readonly attempt: number;
  }): Promise<void>;
  /** Copies into a vault since then. */
  copies(vaultArn: string, since: Date): Promise<readonly BackupJob[]>;
  /** Has AWS restore the newest recovery point now and then, so that it is known that it can be. */
  ensureRestoreTest(test: RestoreTestPlan): Promise<string>;
  /** The ARN of a plan of restore testing by its name; null where there is none. */
  restoreTestPlan(name: string): Promise<string | null>;
  restoreTests(planArn: string, since: Date): Promise<readonly RestoreTest[]>;
  /** Says to AWS what came of looking at what it restored, which AWS then keeps as evidence. */
  validated(job: string, result: { readonly ok: boolean; readonly why: string }): Promise<void>;
}

export function awsBackup(session: AwsSession): AwsBackup {
  const open = (): ReturnType<AwsSession["backup"]> => session.backup();

  async function planId(name: string): Promise<string | null> {
    const backup = await open();
    let nextToken: string | undefined;
    do {
      const page = await backup.listBackupPlans(nextToken === undefined ? {} : { NextToken: nextToken });
      const found = page.BackupPlansList?.find(({ BackupPlanName }) => BackupPlanName === name);
      if (found?.BackupPlanId !== undefined) return found.BackupPlanId;
      nextToken = page.NextToken;
    } while (nextToken !== undefined);
    return null;
  }

  async function ensureSelection(id: string, plan: BackupPlan): Promise<void> {
    const backup = await open();
    // Named for what it selects: another choice is another selection, and the same is there already.
    const name = `fairway-${digest([plan.role, ...plan.resources.toSorted()]).slice(0, 16)}`;
    const there = await allPages(async (NextToken) => {
      const page = await backup.listBackupSelections({ BackupPlanId: id, NextToken });
      return { items: page.BackupSelectionsList, next: page.NextToken };
    });
    if (!there.some(({ SelectionName }) => SelectionName === name))
      await backup.createBackupSelection({
        BackupPlanId: id,
        CreatorRequestId: digest([id, name]).slice(0, 32),
        BackupSelection: { SelectionName: name, IamRoleArn: plan.role, Resources: [...plan.resources] },
      });
    for (const { SelectionName, SelectionId } of there)
      if (SelectionName?.startsWith("fairway-") === true && SelectionName !== name && SelectionId !== undefined)
        await backup.deleteBackupSelection({ BackupPlanId: id, SelectionId });
  }

  return {
    async ensurePlan(plan) {
      const backup = await open();
      const written = {
        BackupPlanName: plan.name,
        Rules: [
          {
            RuleName: "fairway",
            TargetBackupVaultName: plan.vault,
            ScheduleExpression: plan.schedule,
            Lifecycle: { DeleteAfterDays: plan.keepDays },
            ...(plan.copyTo === null
              ? {}
              : {
                  CopyActions: [
                    {
                      DestinationBackupVaultArn: plan.copyTo.vaultArn,
                      Lifecycle: { DeleteAfterDays: plan.copyTo.keepDays },
                    },
                  ],
                }),
          },
        ],
      };
      const there = await planId(plan.name);
      if (there === null) {
        const { BackupPlanId: id } = await backup.createBackupPlan({
          BackupPlan: written,
          CreatorRequestId: digest([plan.name]).slice(0, 32),
        });
        if (id === undefined)
          throw new FairwayError("target_unreachable", "backup:CreateBackupPlan answered without a plan", {
            retryable: true,
          });
        await ensureSelection(id, plan);
        return { id, changed: true };
      }
      const { BackupPlan: found } = await backup.getBackupPlan({ BackupPlanId: there });
      const [rule] = found?.Rules ?? [];
      const isSo =
        rule?.ScheduleExpression === plan.schedule &&
        rule.TargetBackupVaultName === plan.vault &&
        rule.Lifecycle?.DeleteAfterDays === plan.keepDays &&
        (rule.CopyActions?.[0]?.DestinationBackupVaultArn ?? null) === (plan.copyTo?.vaultArn ?? null) &&
        (rule.CopyActions?.[0]?.Lifecycle?.DeleteAfterDays ?? null) === (plan.copyTo?.keepDays ?? null);
      if (!isSo) await backup.updateBackupPlan({ BackupPlanId: there, BackupPlan: written });
      await ensureSelection(there, plan);
      return { id: there, changed: !isSo };
    },

    async backUp({ resource, vault, role, key }) {
      const { BackupJobId: id } = await (
        await open()
      ).startBackupJob({
        BackupVaultName: vault,
        ResourceArn: resource,
        IamRoleArn: role,
        IdempotencyToken: digest([resource, key]).slice(0, 32),
      });
      if (id === undefined)
        throw new FairwayError("target_unreachable", "backup:StartBackupJob answered without a job", {
          retryable: true,
        });
      return id;
    },

    async job(id) {
      const found = await (await open()).describeBackupJob({ BackupJobId: id });
      return jobOf({ ...found, Id: id, Said: found.State, At: found.CompletionDate ?? found.CreationDate });
    },

    async jobs(resource, since) {
      const backup = await open();
      const found = await allPages(async (NextToken) => {
        const page = await backup.listBackupJobs({ ByResourceArn: resource, ByCreatedAfter: since, NextToken });
        return { items: page.BackupJobs, next: page.NextToken };
      });
      return newestFirst(
        found.map((each) =>
          jobOf({ ...each, Id: each.BackupJobId, Said: each.State, At: each.CompletionDate ?? each.CreationDate }),
        ),
      );
    },

    async copy({ recoveryPoint, from, toVault, role, attempt }) {
      await (
        await open()
      ).startCopyJob({
        RecoveryPointArn: recoveryPoint,
        SourceBackupVaultName: from,
        DestinationBackupVaultArn: toVault,
        IamRoleArn: role,
        // A token that AWS knows answers with the job it has, also where that has failed.
        IdempotencyToken: digest([recoveryPoint, toVault, String(attempt)]).slice(0, 32),
      });
    },

    async copies(vaultArn, since) {
      const backup = await open();
      const found = await allPages(async (NextToken) => {
        const page = await backup.listCopyJobs({ ByDestinationVaultArn: vaultArn, ByCreatedAfter: since, NextToken });
        return { items: page.CopyJobs, next: page.NextToken };
      });
      return newestFirst(
        found.map((each) =>
          jobOf({
            ...each,
            Id: each.CopyJobId,
            Said: each.State,
            At: each.CompletionDate ?? each.CreationDate,
            RecoveryPointArn: each.DestinationRecoveryPointArn,
            Source: each.SourceRecoveryPointArn,
          }),
        ),
      );
    },

    async ensureRestoreTest(test) {
      return ensureRestoreTest(await open(), test);
    },

    async restoreTestPlan(name) {
      return restoreTestPlan(await open(), name);
    },

    async restoreTests(planArn, since) {
      const backup = await open();
      const found = await allPages(async (NextToken) => {
        const asked = { ByRestoreTestingPlanArn: planArn, ByCreatedAfter: since, NextToken };
        const page = await backup.listRestoreJobs(asked);
        return { items: page.RestoreJobs, next: page.NextToken };
      });
      return newestFirst(
        found.map((each) => ({
          ...jobOf({
            ...each,
            Id: each.RestoreJobId,
            Said: each.Status,
            ResourceArn: each.SourceResourceArn,
            At: each.CompletionDate ?? each.CreationDate,
          }),
          made: each.CreatedResourceArn ?? null,
          validation: validations[each.ValidationStatus ?? ""] ?? "none",
        })),
      );
    },

    async validated(job, { ok, why }) {
      await (
        await open()
      ).putRestoreValidationResult({
        RestoreJobId: job,
        ValidationStatus: ok ? "SUCCESSFUL" : "FAILED",
        ValidationStatusMessage: why.slice(0, 1024),
      });
    },
  };
}

const digest = (of: readonly string[]): string => createHash("sha256").update(JSON.stringify(of)).digest("hex");
