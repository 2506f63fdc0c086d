import type { RecoveryPointByBackupVault } from "@aws-sdk/client-backup";
import type { BackupSnapshot, ManagedBackups, ManagedRestore, PlannedAwsBackup } from "@fairway/core";
import type { AwsSession } from "../session/aws-session.ts";
import type { RestoreTest } from "./backup-jobs.ts";
import { awsBackup } from "./aws-backup.ts";

/**
 * Recovery points of AWS Backup of one resource. A backup that Fairway begins is copied when it is whole, for only plans copy
 * by themselves; where somebody else makes them, nothing is begun and nothing copied.
 */
export function managedAwsBackups(session: AwsSession, planned: PlannedAwsBackup): ManagedBackups {
  const backup = awsBackup(session);
  const { vault, resource, role, copy, restoreTest, watch } = planned;
  const { region } = session.access;

  async function snapshots(): Promise<readonly BackupSnapshot[]> {
    const client = await session.backup();
    const found: RecoveryPointByBackupVault[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.listRecoveryPointsByBackupVault({
        BackupVaultName: vault,
        ByResourceArn: resource,
        ...(NextToken === undefined ? {} : { NextToken }),
      });
      found.push(...(page.RecoveryPoints ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found.flatMap(snapshotOf).toSorted((a, b) => a.endedAt.localeCompare(b.endedAt));
  }

  let ensuredAt: number | null = null;
  const hourly = 3_600_000;

  /** Keeps the plans so that are ours; answers with the ARN of the one that restores, null where none does. */
  let restoring: string | null = null;
  async function ensured(): Promise<string | null> {
    if (ensuredAt !== null && performance.now() - ensuredAt < hourly) return restoring;
    const name = `fairway_${planned.name}`;
    if (planned.plan !== undefined && watch !== true) {
      const { schedule, keepDays, copyKeepDays } = planned.plan;
      const copyTo = copy === undefined ? null : { vaultArn: copy.vault, keepDays: copyKeepDays };
      await backup.ensurePlan({ name, vault, schedule, keepDays, copyTo, resources: [resource], role });
    }
    if (typeof restoreTest === "string") restoring = await backup.restoreTestPlan(restoreTest);
    else if (restoreTest !== undefined)
      restoring = await backup.ensureRestoreTest({
        ...{ name, schedule: restoreTest.schedule, resourceType: restoreTest.resourceType },
        vaultArn: `arn:aws:backup:${region}:${role.split(":")[4] ?? ""}:backup-vault:${vault}`,
        ...{ resources: [resource], role, validateWithinHours: restoreTest.validateHours },
      });
    ensuredAt = performance.now();
    return restoring;
  }

  return {
    label: `recovery points of AWS Backup in the vault ${vault} in ${region}; it is not AWS's retention that is looked at`,
    async snapshots() {
      await ensured();
      return snapshots();
    },

    async begin(key) {
      // One that the plan has begun in its time is not begun twice.
      if (planned.plan !== undefined) {
        const begun = await backup.jobs(resource, new Date(Date.now() - hourly));
        if (begun.some(({ state }) => state !== "failed")) return;
      }
      await backup.backUp({ resource, vault, role, key });
    },

    ...(copy === undefined
      ? {}
      : {
          async newestCopy() {
            const there = await snapshots();
            const newest = there.at(-1);
            const jobs = await backup.copies(copy.vault, new Date(Date.now() - year));
            const ofNewest = jobs.filter(({ source }) => source === newest?.id);
            const isAsked = ofNewest.some(({ state }) => state !== "failed");
            // One that fails is tried again, but not each minute.
            const failedAt = Math.max(...ofNewest.map(({ at }) => at?.getTime() ?? 0), 0);
            const isTime = Date.now() - failedAt >= hourly;
            // A plan copies by itself.
            if (newest !== undefined && !isAsked && isTime && watch !== true && planned.plan === undefined)
              await backup.copy({
                ...{ recoveryPoint: newest.id, from: vault, toVault: copy.vault, role },
                attempt: ofNewest.length,
              });
            const copied = new Set(jobs.flatMap(({ source, state }) => (state === "succeeded" ? [source] : [])));
            return there.findLast(({ id }) => copied.has(id)) ?? null;
          },
        }),

    async restores(since) {
      const plan = restoreTest === undefined ? null : await ensured();
      if (plan === null) return [];
      return (await backup.restoreTests(plan, new Date(since))).map(restoreOf).toReversed();
    },

    ...(restoreTest === undefined || watch === true
      ? {}
      : {
          looked: (restore: string, result: { readonly ok: boolean; readonly why: string }) =>
            backup.validated(restore, result),
        }),
  };
}

const year = 366 * 86_400_000;

/** Only what is whole: PARTIAL, EXPIRED and DELETING are none. */
function snapshotOf({
  RecoveryPointArn: id,
  Status: status,
  CreationDate: begun,
  CompletionDate: ended,
  BackupSizeInBytes: bytes = 0,
  IsEncrypted: encrypted = false,
  ResourceArn: identity,
}: RecoveryPointByBackupVault): readonly BackupSnapshot[] {
  if (id === undefined || begun === undefined || status !== "COMPLETED") return [];
  return [
    {
      ...{ id, kind: "full" as const, bytes, encrypted, identity: identity ?? null },
      startedAt: begun.toISOString(),
      endedAt: (ended ?? begun).toISOString(),
      position: null,
      serverVersion: null,
    },
  ];
}

/** What AWS restored counts once somebody has looked at it and told AWS so. */
function restoreOf({ id, state, said, at, begunAt, recoveryPoint, validation }: RestoreTest): ManagedRestore {
  const outcome =
    state === "failed" || validation === "failed" || validation === "timed-out"
      ? "failed"
      : state === "running" || validation === "validating"
        ? "running"
        : validation === "successful"
          ? "passed"
          : "none";
  const looked = { none: "nobody has looked at it", successful: "it was looked at", failed: "it was found wanting" };
  const why = validation in looked ? looked[validation as keyof typeof looked] : `its validation ${validation}`;
  return {
    ...{ id, backup: recoveryPoint ?? "", outcome },
    why: state === "failed" ? said : `AWS restored it; ${why}`,
    startedAt: (begunAt ?? at ?? new Date(0)).toISOString(),
    endedAt: state === "running" ? null : (at?.toISOString() ?? null),
  };
}
