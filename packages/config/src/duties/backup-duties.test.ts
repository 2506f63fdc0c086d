import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LoadedDuties } from "./load-duties.ts";
import { loadDuties } from "./load-duties.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fairway-backups-"));
  mkdirSync(join(root, "ops"));
  writeFileSync(join(root, "ops/people.yaml"), "roles:\n  lead:\n    people: [{ name: Ada }]\n");
});
afterEach(() => rmSync(root, { recursive: true }));

const recipient = `age1${"q".repeat(58)}`;
const shop = {
  driver: "pg_dump",
  environment: "production",
  owner: "lead",
  database: "DATABASE_URL",
  recipient,
  identity: "BACKUP_IDENTITY",
  directory: "/mnt/backups/shop",
  cron: '"15 2 * * *"',
  from: "2026-01-01",
};
const block = (of: Readonly<Record<string, string>>, name = "shop"): string =>
  `  ${name}:\n${Object.entries(of)
    .map(([key, value]) => `    ${key}: ${value}\n`)
    .join("")}`;

function load(...blocks: readonly string[]): LoadedDuties {
  writeFileSync(join(root, "ops/backups.yaml"), `backups:\n${blocks.join("")}`);
  return loadDuties(root, { commit: "abc", today: "2026-11-22" });
}
const problems = (loaded: LoadedDuties): readonly string[] =>
  loaded.ok
    ? []
    : loaded.problems.map(({ file, line, column, code, message }) => `${file}:${line}:${column} ${code} ${message}`);

test("a backup is a plan, a duty to make it and a duty to restore it", () => {
  const loaded = load(block({ ...shop, grace: "1h", drill: "{ every: P1M, from: 2026-01-31, rolling: true }" }));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2));
  expect(loaded.plan.backups).toEqual([
    {
      ...{ name: "shop", environment: "production", driver: "pg_dump", database: "DATABASE_URL", recipient },
      ...{ identity: "BACKUP_IDENTITY", directory: "/mnt/backups/shop", keep: 14, roles: [], heartbeat: null },
      rpo: 900_000,
    },
  ]);
  expect(loaded.plan.duties).toMatchObject([
    {
      ...{ id: "backup/shop", owner: "lead", environment: "production", grace: 3_600_000 },
      cadence: { kind: "cron", cron: "15 2 * * *", from: "2026-01-01" },
      place: { file: "ops/backups.yaml", line: 2 },
    },
    { id: "drill/shop", cadence: { kind: "rolling" }, place: { file: "ops/backups.yaml", line: 13 } },
  ]);
});

test("evidence of another database, key or place counts no more; of another time it does", () => {
  const digests = (of: Readonly<Record<string, string>>): readonly unknown[] => {
    const loaded = load(block({ ...shop, ...of }));
    return loaded.ok ? loaded.plan.duties.map(({ digest }) => digest) : [];
  };
  const first = digests({});
  expect(digests({ cron: '"15 3 * * *"', keep: "7" })).toEqual(first);
  for (const other of [
    { database: "OTHER_URL" },
    { directory: "/mnt/elsewhere" },
    { recipient: `age1${"p".repeat(58)}` },
    { environment: "staging" },
  ])
    expect(digests(other)).not.toEqual(first);
});

test.each([
  ["a driver that there is not", { driver: "mysqldump" }, "ops/backups.yaml:3:13 wrong_value"],
  ["a role that nobody has", { owner: "led" }, "ops/backups.yaml:5:12 unknown_name"],
  ["a recipient that is no key of age", { recipient: "age1short" }, "ops/backups.yaml:7:16 wrong_value"],
  [
    "a key that opens, in place of the recipient",
    { recipient: "AGE-SECRET-KEY-1" },
    "ops/backups.yaml:7:16 wrong_value",
  ],
  ["a directory that depends on who asks", { directory: "backups" }, "ops/backups.yaml:9:16 wrong_value"],
  ["a schedule that is none", { cron: "nightly" }, "ops/backups.yaml:10:11 wrong_value"],
  ["a day that no calendar has", { from: "2026-02-30" }, "ops/backups.yaml:11:11 wrong_value"],
  ["a key that nobody knows", { dirctory: "/mnt" }, "ops/backups.yaml:12:5 unknown_key"],
  ["a drill without a first day", { drill: "{ every: P1M }" }, "ops/backups.yaml:12:5 missing"],
])("%s is refused where it stands", (_what, wrong, place) => {
  const found = problems(load(block({ ...shop, ...wrong })));
  expect(found.map((one) => one.slice(0, place.length))).toEqual([place]);
});

test("the name of Fairway's own database, and a directory of two, are refused", () => {
  expect(problems(load(block(shop, "fairway")))).toEqual([
    "ops/backups.yaml:2:3 impossible fairway is Fairway's own database, which backs itself up",
  ]);
  expect(problems(load(block(shop), block({ ...shop, directory: "/mnt//backups/web/../shop/" }, "web")))).toEqual([
    "ops/backups.yaml:19:16 impossible shop is kept in that directory",
  ]);
});

const any = { environment: "production", owner: "lead", cron: '"15 2 * * *"', from: "2026-01-01" };
const arn = "arn:aws:rds:eu-central-1:123456789012:cluster:shop";

test("each driver has a form of its own, and what is left out has its usual value", () => {
  const calendar = "{ every: P7D, from: 2026-01-31 }";
  const loaded = load(
    block(
      {
        ...any,
        ...{ driver: "pgbackrest", stanza: "shop", key: "KEY", full: '"15 1 * * 0"', database: "DATABASE_URL" },
        ...{ boot: "{ service: api }", monitor: "{ standbys: 1 }", drill: calendar },
      },
      "files",
    ),
    block(
      {
        ...any,
        ...{ driver: "restic", repository: "/mnt/vault", password: "VAULT", paths: "[/var/lib/pgbackrest]" },
        ...{ watch: "true", "delete-probe": "{ every: P7D, from: 2026-01-31, file: /mnt/vault/canary, as: postgres }" },
      },
      "copy",
    ),
    block(
      { driver: "restic", environment: "production", owner: "lead", repository: "/mnt/a", password: "A" },
      "artifacts",
    ),
    block({ ...any, driver: "command", make: "[make]", list: "[list]", restore: "[back]", verify: "[look]" }, "own"),
    block({ ...any, driver: "aws-backup", region: "eu-central-1", vault: "main", resource: arn, role: arn }, "cloud"),
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2));
  expect(loaded.plan.backups).toMatchObject([
    {
      ...{ driver: "pgbackrest", config: "/etc/pgbackrest/pgbackrest.conf", repository: 1, superuser: "postgres" },
      boot: { service: "api", path: "/", port: 8080, within: 60_000 },
      monitor: { database: "DATABASE_URL", standbys: 1, lag: { warn: 60_000, page: 300_000 }, archive: 900_000 },
    },
    { driver: "restic", watch: true, within: null, deleteProbe: { file: "/mnt/vault/canary", as: "postgres" } },
    { driver: "restic", within: 3_600_000, paths: [] },
    { driver: "command", make: ["make"], restores: "files", timeout: 21_600_000 },
    { driver: "aws-backup", vault: "main", resource: arn },
  ]);
  expect(loaded.plan.duties.map(({ id, cadence: { kind } }) => `${id} ${kind}`)).toEqual([
    ...["backup/files cron", "backup/files:full cron", "drill/files anchored"],
    ...["backup/copy cron", "delete-probe/copy anchored", "backup/artifacts release", "backup/own cron"],
    "backup/cloud cron",
  ]);
});

test.each([
  [
    "files of releases by a schedule",
    { driver: "restic", repository: "/a", password: "A", cron: '"0 1 * * *"' },
    "after each deployment",
  ],
  ["no schedule", { driver: "command", make: "[a]", list: "[a]", restore: "[a]", verify: "[a]" }, "says not when"],
  [
    "nothing that makes one",
    { ...any, driver: "command", list: "[a]", restore: "[a]", verify: "[a]" },
    "nothing makes",
  ],
  ["a server that nobody names", { ...any, driver: "pgbackrest", stanza: "a", monitor: "{}" }, "which server"],
  ["a program without a database", { ...any, driver: "pgbackrest", stanza: "a", boot: "{ service: a }" }, "is given"],
  ["a password in an address", { ...any, driver: "restic", repository: "rest:http://a:b@c/", password: "A" }, "user"],
])("%s is refused", (_what, written, says) => {
  const found = problems(load(block({ environment: "production", owner: "lead", ...written })));
  expect(found.join("\n")).toContain(says);
});
