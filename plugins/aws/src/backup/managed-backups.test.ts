import type { PlannedAwsBackup } from "@fairway/core";
import { expect, onTestFinished, test, vi } from "vitest";
import { doubleEnv, region } from "../../fixtures/double.ts";
import type { AskedOfDouble } from "../../fixtures/rest-double.ts";
import { restDouble } from "../../fixtures/rest-double.ts";
import { awsSession } from "../session/aws-session.ts";
import { managedAwsBackups } from "./managed-backups.ts";

const resource = "arn:aws:rds:eu-central-1:123456789012:db:shop";
const away = "arn:aws:backup:eu-west-1:999999999999:backup-vault:away";
const planned: PlannedAwsBackup = {
  ...{ name: "database", environment: "production", driver: "aws-backup", rpo: 900_000, region },
  ...{ vault: "shop", resource, role: "arn:aws:iam::123456789012:role/backup" },
  copy: { vault: away, within: 86_400_000 },
  restoreTest: "weekly",
};

async function backups(
  answer: (asked: AskedOfDouble) => Readonly<Record<string, unknown>> | undefined,
  over: Partial<PlannedAwsBackup> = {},
): Promise<{
  readonly managed: ReturnType<typeof managedAwsBackups>;
  readonly asked: readonly AskedOfDouble[];
}> {
  const double = await restDouble(answer);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await double.close();
  });
  for (const [name, value] of Object.entries(doubleEnv(double.url))) vi.stubEnv(name, value);
  const session = awsSession({ region, account: null, profile: null, role: null });
  return { managed: managedAwsBackups(session, { ...planned, ...over }), asked: double.asked };
}

const point = (id: string, at: number, Status = "COMPLETED"): object => ({
  ...{ RecoveryPointArn: id, Status, ResourceArn: resource, BackupSizeInBytes: 10, IsEncrypted: true },
  ...{ CreationDate: at, CompletionDate: at + 60 },
});

test("only recovery points that are whole are backups, the oldest first, page by page", async () => {
  const { managed } = await backups(({ path }) =>
    path.includes("nextToken")
      ? { RecoveryPoints: [point("r1", 1_790_000_000), point("r0", 1_780_000_000, "PARTIAL")] }
      : { RecoveryPoints: [point("r2", 1_790_100_000), point("r3", 1_790_200_000, "EXPIRED")], NextToken: "more" },
  );
  expect(await managed.snapshots()).toEqual([
    expect.objectContaining({
      id: "r1",
      endedAt: "2026-09-21T14:14:20.000Z",
      bytes: 10,
      encrypted: true,
      kind: "full",
    }),
    expect.objectContaining({ id: "r2", identity: resource }),
  ]);
});

test("the same key begins one backup", async () => {
  const { managed, asked } = await backups(() => ({ BackupJobId: "j1" }));
  await managed.begin("database monday");
  await managed.begin("database monday");
  await managed.begin("database tuesday");
  const tokens = asked.map(({ body }) => body["IdempotencyToken"]);
  expect(new Set(tokens).size).toBe(2);
});

test("a new recovery point is copied once, and the newest copy is the newest that came over", async () => {
  const jobs: object[] = [
    { CopyJobId: "c1", State: "COMPLETED", SourceRecoveryPointArn: "r1", CreationDate: 1_790_000_100 },
  ];
  const { managed, asked } = await backups(({ method, body }) => {
    if (method === "PUT") {
      jobs.push({ CopyJobId: "c2", State: "RUNNING", SourceRecoveryPointArn: body["RecoveryPointArn"] });
      return { CopyJobId: "c2" };
    }
    return { CopyJobs: jobs, RecoveryPoints: [point("r2", 1_790_100_000), point("r1", 1_790_000_000)] };
  });
  expect((await managed.newestCopy?.())?.id).toBe("r1");
  expect((await managed.newestCopy?.())?.id).toBe("r1");
  const begun = asked.filter(({ method }) => method === "PUT");
  expect(begun).toHaveLength(1);
  expect(begun[0]?.body).toMatchObject({
    RecoveryPointArn: "r2",
    SourceBackupVaultName: "shop",
    DestinationBackupVaultArn: away,
  });
});

test("a copy that failed is begun anew after an hour, as another job", async () => {
  onTestFinished(() => void vi.restoreAllMocks());
  const jobs: object[] = [];
  const { managed, asked } = await backups(({ method }) =>
    method === "PUT" ? { CopyJobId: "c" } : { CopyJobs: jobs, RecoveryPoints: [point("r1", 1_790_000_000)] },
  );
  await managed.newestCopy?.();
  jobs.push({ CopyJobId: "c1", State: "FAILED", SourceRecoveryPointArn: "r1", CompletionDate: 1_790_000_100 });
  vi.spyOn(Date, "now").mockReturnValue(1_790_000_200_000);
  await managed.newestCopy?.();
  const tokens = (): readonly unknown[] =>
    asked.flatMap(({ method, body }) => (method === "PUT" ? [body["IdempotencyToken"]] : []));
  expect(tokens()).toHaveLength(1);
  vi.spyOn(Date, "now").mockReturnValue(1_790_010_000_000);
  await managed.newestCopy?.();
  expect(new Set(tokens()).size).toBe(2);
});

test("where somebody else makes them nothing is copied", async () => {
  const { managed, asked } = await backups(() => ({ CopyJobs: [], RecoveryPoints: [point("r2", 1_790_100_000)] }), {
    watch: true,
  });
  expect(await managed.newestCopy?.()).toBeNull();
  expect(asked.every(({ method }) => method === "GET")).toBe(true);
});

test("a restore that AWS tried counts once somebody has looked at it", async () => {
  const restore = (id: string, about: object): object => ({
    ...{ RestoreJobId: id, RecoveryPointArn: "r1", CreatedResourceArn: "arn:made" },
    ...{ Status: "COMPLETED", CreationDate: 1_790_000_000, CompletionDate: 1_790_000_600 },
    ...about,
  });
  const { managed } = await backups(({ path }) =>
    path.startsWith("/restore-testing/plans/weekly")
      ? { RestoreTestingPlan: { RestoreTestingPlanName: "weekly", RestoreTestingPlanArn: "arn:plan" } }
      : {
          RestoreJobs: [
            restore("seen", { ValidationStatus: "SUCCESSFUL" }),
            restore("bad", { ValidationStatus: "FAILED", CompletionDate: 1_790_000_601 }),
            restore("broken", { Status: "FAILED", StatusMessage: "no room", CompletionDate: 1_790_000_602 }),
            restore("unseen", { CompletionDate: 1_790_000_603 }),
          ],
        },
  );
  expect((await managed.restores(new Date(0).toISOString())).map(({ id, outcome, why }) => [id, outcome, why])).toEqual(
    [
      ["seen", "passed", "AWS restored it; it was looked at"],
      ["bad", "failed", "AWS restored it; it was found wanting"],
      ["broken", "failed", "FAILED: no room"],
      ["unseen", "none", "AWS restored it; nobody has looked at it"],
    ],
  );
  const { managed: other } = await backups(() => undefined);
  expect(await other.restores(new Date(0).toISOString())).toEqual([]);
});

test("plans that are asked for are kept so at AWS, and what they began in time is not begun again", async () => {
  const written: string[] = [];
  let jobs: readonly object[] = [{ BackupJobId: "j0", State: "RUNNING", ResourceArn: resource }];
  const { managed } = await backups(
    ({ method, path }) => {
      if (method !== "GET") {
        written.push(path.replace(/\/$/u, ""));
        return {
          ...{ BackupPlanId: "p1", SelectionId: "s1", BackupJobId: "j1" },
          ...{ RestoreTestingPlanArn: "arn:plan", RestoreTestingPlanName: "fairway_database" },
        };
      }
      if (path.startsWith("/restore-testing")) return undefined;
      return { BackupPlansList: [], BackupSelectionsList: [], BackupJobs: jobs, RecoveryPoints: [], CopyJobs: [] };
    },
    {
      plan: { schedule: "cron(0 3 * * ? *)", keepDays: 35, copyKeepDays: 90 },
      restoreTest: { schedule: "cron(0 5 ? * SUN *)", resourceType: "RDS", validateHours: 4 },
    },
  );
  await managed.snapshots();
  await managed.snapshots();
  expect(written).toEqual([
    "/backup/plans",
    "/backup/plans/p1/selections",
    "/restore-testing/plans",
    "/restore-testing/plans/fairway_database/selections",
  ]);
  await managed.begin("monday");
  expect(written).toHaveLength(4);
  jobs = [{ BackupJobId: "j0", State: "FAILED", ResourceArn: resource }];
  await managed.begin("monday");
  expect(written.at(-1)).toBe("/backup-jobs");
  await managed.looked?.("r1", { ok: true, why: "orders are there" });
  expect(written.at(-1)).toBe("/restore-jobs/r1/validations");
});
