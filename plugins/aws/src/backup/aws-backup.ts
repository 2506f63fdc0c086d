import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { createHash } from "node:crypto";
import { allPages } from "../session/all-pages.ts";
import type { AwsSession } from "../session/aws-session.ts";
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

/** How a backup, a copy or a restore ended, or that it has not. */
export interface BackupJob {
  readonly id: string;
  readonly resource: string;
  /** A person's three answers out of AWS's ten states. */
  readonly state: "running" | "succeeded" | "failed";
  /** AWS's own word, and why. */
  readonly said: string;
  readonly at: Date | null;
  readonly recoveryPoint: string | null;
  /** Of a copy, the recovery point that was copied; null else. */
  readonly source: string | null;
  readonly begunAt: Date | null;
}

/** A restore that AWS made by itself to try whether it can be done. */
export interface RestoreTest extends BackupJob {
  /** What came of it, to be looked at before AWS takes it away again. */
  readonly made: string | null;
  readonly validation: "none" | "successful" | "failed" | "timed-out" | "validating";
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

const validations: Readonly<Record<string, RestoreTest["validation"]>> = {
  SUCCESSFUL: "successful",
  FAILED: "failed",
  TIMED_OUT: "timed-out",
  VALIDATING: "validating",
};

/** PARTIAL is not all of it, so it is no backup. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupJob.html */
function stateOf(said: string | undefined): BackupJob["state"] {
  if (said === "COMPLETED") return "succeeded";
  return said === undefined || ["CREATED", "PENDING", "RUNNING"].includes(said) ? "running" : "failed";
}

function jobOf(of: {
  readonly Id?: string | undefined;
  readonly ResourceArn?: string | undefined;
  readonly Said?: string | undefined;
  readonly StatusMessage?: string | undefined;
  readonly At?: Date | undefined;
  readonly RecoveryPointArn?: string | undefined;
  readonly Source?: string | undefined;
  readonly CreationDate?: Date | undefined;
}): BackupJob {
  return {
    id: of.Id ?? "",
    resource: of.ResourceArn ?? "",
    state: stateOf(of.Said),
    said: [of.Said, of.StatusMessage].filter((word) => word !== undefined && word !== "").join(": "),
    at: of.At ?? null,
    recoveryPoint: of.RecoveryPointArn ?? null,
    source: of.Source ?? null,
    begunAt: of.CreationDate ?? null,
  };
}

const newestFirst = <Job extends BackupJob>(jobs: readonly Job[]): readonly Job[] =>
  jobs.toSorted((a, b) => (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0));

/** Whether a resource was backed up within so long; null when it was, or why not. Pure. */
export function missedBackup(jobs: readonly BackupJob[], within: Millis, now: Date): string | null {
  const good = jobs.find(
    ({ state, at }) => state === "succeeded" && at !== null && now.getTime() - at.getTime() <= within,
  );
  if (good !== undefined) return null;
  const [last] = jobs;
  return last === undefined ? "no backup was begun" : `no backup came to its end; the last is ${last.said}`;
}

const digest = (of: readonly string[]): string => createHash("sha256").update(JSON.stringify(of)).digest("hex");
