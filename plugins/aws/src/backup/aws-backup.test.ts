import { expect, onTestFinished, test, vi } from "vitest";
import { doubleEnv, region } from "../../fixtures/double.ts";
import { restDouble } from "../../fixtures/rest-double.ts";
import type { AskedOfDouble } from "../../fixtures/rest-double.ts";
import { awsSession } from "../session/aws-session.ts";
import type { AwsBackup, BackupPlan } from "./aws-backup.ts";
import { awsBackup } from "./aws-backup.ts";
import { missedBackup } from "./backup-jobs.ts";

const database = "arn:aws:rds:eu-central-1:123456789012:db:shop";
const plan: BackupPlan = {
  name: "shop",
  vault: "shop",
  schedule: "cron(0 3 * * ? *)",
  keepDays: 35,
  copyTo: { vaultArn: "arn:aws:backup:eu-west-1:123456789012:backup-vault:away", keepDays: 90 },
  resources: [database],
  role: "arn:aws:iam::123456789012:role/backup",
};

/** AWS Backup that answers so; its forms are those that the SDK reads. */
async function backupThat(
  answer: (asked: AskedOfDouble) => Readonly<Record<string, unknown>> | undefined,
): Promise<{ readonly backup: AwsBackup; readonly asked: readonly AskedOfDouble[] }> {
  const double = await restDouble(answer);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await double.close();
  });
  for (const [name, value] of Object.entries(doubleEnv(double.url))) vi.stubEnv(name, value);
  return { backup: awsBackup(awsSession({ region, account: null, profile: null, role: null })), asked: double.asked };
}

test("a plan is made once with its copies and its resources, and changed where it is not so", async () => {
  let kept: Readonly<Record<string, unknown>> | null = null;
  let selections: readonly Readonly<Record<string, unknown>>[] = [];
  const { backup, asked } = await backupThat(({ method, path, body }) => {
    if (path.includes("/selections")) {
      if (method === "PUT") {
        selections = [{ SelectionId: "s1", ...(body["BackupSelection"] as object) }];
        return { SelectionId: "s1" };
      }
      return { BackupSelectionsList: selections };
    }
    if (method === "PUT" || method === "POST") {
      kept = body["BackupPlan"] as Readonly<Record<string, unknown>>;
      return { BackupPlanId: "p1" };
    }
    if (/plans\/p1/u.test(path)) return { BackupPlanId: "p1", BackupPlan: kept };
    return { BackupPlansList: kept === null ? [] : [{ BackupPlanId: "p1", BackupPlanName: "shop" }] };
  });
  expect(await backup.ensurePlan(plan)).toEqual({ id: "p1", changed: true });
  expect(kept).toMatchObject({
    Rules: [
      { CopyActions: [{ DestinationBackupVaultArn: plan.copyTo?.vaultArn }], Lifecycle: { DeleteAfterDays: 35 } },
    ],
  });
  const before = asked.filter(({ method }) => method !== "GET").length;
  expect(await backup.ensurePlan(plan)).toEqual({ id: "p1", changed: false });
  expect(asked.filter(({ method }) => method !== "GET")).toHaveLength(before);
  expect(await backup.ensurePlan({ ...plan, keepDays: 7 })).toEqual({ id: "p1", changed: true });
  const away = { vaultArn: plan.copyTo?.vaultArn ?? "", keepDays: 365 };
  expect(await backup.ensurePlan({ ...plan, keepDays: 7, copyTo: away })).toEqual({ id: "p1", changed: true });
  expect(kept).toMatchObject({ Rules: [{ CopyActions: [{ Lifecycle: { DeleteAfterDays: 365 } }] }] });
});

test("the same key begins one backup, and a job's ten states are three", async () => {
  const tokens: unknown[] = [];
  const { backup } = await backupThat(({ method, body, path }) => {
    if (method === "PUT") {
      tokens.push(body["IdempotencyToken"]);
      return { BackupJobId: "j1" };
    }
    const state = path.split("/").at(-1)?.split("?")[0] ?? "";
    return {
      BackupJobId: state,
      State: state,
      StatusMessage: "so",
      ResourceArn: database,
      CreationDate: 1_790_000_000,
    };
  });
  const asked = { resource: database, vault: "shop", role: plan.role, key: "run-1" };
  await backup.backUp(asked);
  await backup.backUp(asked);
  await backup.backUp({ ...asked, key: "run-2" });
  expect(tokens[0]).toBe(tokens[1]);
  expect(new Set(tokens).size).toBe(2);
  const states = ["CREATED", "PENDING", "RUNNING", "COMPLETED", "PARTIAL", "FAILED", "EXPIRED", "ABORTING", "ABORTED"];
  const said = await Promise.all(states.map(async (state) => (await backup.job(state)).state));
  expect(said).toEqual([...["running", "running", "running"], "succeeded", ...Array<string>(5).fill("failed")]);
});

test("what AWS tells page by page is read to its end, also after a page with nothing", async () => {
  const jobs = (name: string, id: string) => [
    { [id]: "late", ResourceArn: name, State: "COMPLETED", CompletionDate: 1 },
  ];
  const { backup, asked } = await backupThat(({ path }) => {
    const [, token = ""] = /nextToken=(\w+)/iu.exec(path) ?? [];
    if (token !== "third") return { BackupJobs: [], CopyJobs: [], NextToken: token === "" ? "second" : "third" };
    return { BackupJobs: jobs(database, "BackupJobId"), CopyJobs: jobs(database, "CopyJobId") };
  });
  expect((await backup.jobs(database, new Date(0))).map(({ id }) => id)).toEqual(["late"]);
  expect((await backup.copies("arn:away", new Date(0))).map(({ id }) => id)).toEqual(["late"]);
  expect(asked).toHaveLength(6);
});

test("a restore that AWS tried is looked at, and what came of it is told to AWS", async () => {
  const kept: Partial<Record<"plan" | "selection", object>> = {};
  const { backup, asked } = await backupThat(({ method, path, body }) => {
    const isPlan = path === "/restore-testing/plans" || path === "/restore-testing/plans/shop";
    if (path.startsWith("/restore-testing/plans") && method === "GET") {
      const found = isPlan ? kept.plan : kept.selection;
      return found === undefined ? undefined : { [isPlan ? "RestoreTestingPlan" : "RestoreTestingSelection"]: found };
    }
    if (path.startsWith("/restore-testing/plans")) {
      const written = body[isPlan ? "RestoreTestingPlan" : "RestoreTestingSelection"] as object;
      const which = isPlan ? "plan" : "selection";
      kept[which] = { ...kept[which], ...written, ...(isPlan ? { RestoreTestingPlanArn: "arn:plan" } : {}) };
      return { RestoreTestingPlanArn: "arn:plan", RestoreTestingPlanName: "shop" };
    }
    if (path.endsWith("/validations")) return {};
    return {
      RestoreJobs: [
        { RestoreJobId: "r1", Status: "COMPLETED", CreatedResourceArn: "arn:made", CompletionDate: 1_790_000_000 },
        {
          RestoreJobId: "r2",
          Status: "FAILED",
          StatusMessage: "no room",
          CompletionDate: 1_790_000_100,
          ValidationStatus: "TIMED_OUT",
        },
      ],
    };
  });
  const wanted = {
    name: "shop",
    schedule: "cron(0 5 ? * SUN *)",
    vaultArn: "arn:vault",
    resourceType: "RDS",
    resources: [database],
    role: plan.role,
    validateWithinHours: 4,
  };
  const arn = await backup.ensureRestoreTest(wanted);
  expect(arn).toBe("arn:plan");
  const written = (): number => asked.filter(({ method }) => method !== "GET").length;
  const before = written();
  expect(await backup.ensureRestoreTest(wanted)).toBe("arn:plan");
  expect(written()).toBe(before);
  await backup.ensureRestoreTest({ ...wanted, schedule: "cron(0 6 ? * SUN *)", validateWithinHours: 8 });
  expect(written()).toBe(before + 2);
  expect(kept).toMatchObject({
    plan: { ScheduleExpression: "cron(0 6 ? * SUN *)" },
    selection: { ValidationWindowHours: 8, ProtectedResourceType: "RDS" },
  });
  const tests = await backup.restoreTests(arn, new Date(0));
  expect(tests.map(({ id, state, made, validation }) => [id, state, made, validation])).toEqual([
    ["r2", "failed", null, "timed-out"],
    ["r1", "succeeded", "arn:made", "none"],
  ]);
  await backup.validated("r1", { ok: false, why: "the table of orders is empty" });
  expect(asked.at(-1)).toMatchObject({
    path: "/restore-jobs/r1/validations",
    body: { ValidationStatus: "FAILED", ValidationStatusMessage: "the table of orders is empty" },
  });
});

test("a backup is missed unless one came to its end in time", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  const job = {
    ...{ id: "j", resource: database, said: "COMPLETED" },
    ...{ recoveryPoint: null, source: null, begunAt: null },
  } as const;
  const day = 86_400_000;
  expect(missedBackup([{ ...job, state: "succeeded", at: new Date(now.getTime() - day / 2) }], day, now)).toBeNull();
  expect(missedBackup([{ ...job, state: "succeeded", at: new Date(now.getTime() - 2 * day) }], day, now)).toMatch(
    /last is/u,
  );
  expect(missedBackup([{ ...job, state: "failed", said: "EXPIRED", at: now }], day, now)).toMatch(/EXPIRED/u);
  expect(missedBackup([], day, now)).toBe("no backup was begun");
});
