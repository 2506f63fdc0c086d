import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localActor } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { FreshDatabase } from "../database/test-database.ts";
import { freshDatabase } from "../database/test-database.ts";
import type { SigningKey } from "../provenance/signing-key.ts";
import { signingKey } from "../provenance/signing-key.ts";
import { engineTemplate } from "../runs/engine-for-tests.ts";
import { recordAudit } from "../store/audit.ts";
import type { Store } from "../store/store.ts";
import { openStore } from "../store/store.ts";
import type { AuditControl } from "./audit-control.ts";
import { openAudit } from "./audit-control.ts";

let database: FreshDatabase;
let store: Store;
let folder: string;
let key: SigningKey;
const told: string[] = [];
beforeAll(async () => {
  database = await freshDatabase(engineTemplate);
  store = openStore({ connectionString: database.connectionString, max: 8 });
  folder = await mkdtemp(join(tmpdir(), "fairway-audit-"));
  key = await signingKey(join(folder, "signing"));
  store.signAuditWith(key);
});
beforeEach(async () => {
  told.length = 0;
  await unguarded("delete from fairway.audit");
  await rm(join(folder, "heads.jsonl"), { force: true });
});
afterAll(async () => {
  await store.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

/** As whoever owns the database may do. */
const unguarded = (statement: string): Promise<unknown> =>
  store.transaction(async (tx) => {
    await tx.rows("set local session_replication_role = replica");
    await tx.rows(statement);
  });

const opened = (restored = false): Promise<AuditControl> =>
  openAudit(
    { store, key, heads: join(folder, "heads.jsonl"), version: "1", tell: (problem) => told.push(problem) },
    restored,
  );
const secrets = (count: number): Promise<unknown> =>
  store.transaction(async (tx) => {
    for (let index = 0; index < count; index++)
      recordAudit(tx, {
        actor: localActor(index % 2 === 0 ? "ada" : "bob"),
        action: "secret.set",
        subject: `S${index}`,
        environment: "production",
      });
  });

test("a new record begins with that it began, and a head outside vouches for it", async () => {
  const audit = await opened();
  expect((await audit.list({ limit: 5 })).map(({ action }) => action)).toEqual(["daemon.started", "audit.began"]);
  expect(await audit.verify()).toMatchObject({ whole: true, rows: 2, head: 2, notes: [] });
});

test("of one day there is one head, the newest", async () => {
  const audit = await opened();
  await secrets(10);
  await audit.vouch();
  await audit.vouch();
  const { heads } = await audit.evidence();
  expect(new Set(heads.map(({ at }) => at.slice(0, 10))).size).toBe(heads.length);
  expect(heads.at(-1)).toMatchObject({ kind: "head", number: 12 });
});

test("a tail that was cut is found, told, and not covered up by the next head", async () => {
  const audit = await opened();
  await secrets(10);
  await audit.vouch();
  const vouched = await readFile(join(folder, "heads.jsonl"), "utf8");
  await unguarded("delete from fairway.audit where number > 7");
  await secrets(2);
  await audit.vouch();
  await audit.vouch();
  expect(await readFile(join(folder, "heads.jsonl"), "utf8")).toBe(vouched);
  expect(told).toHaveLength(1);
  expect(await audit.verify()).toMatchObject({ whole: false, firstBad: 10 });
  await secrets(5);
  expect(await audit.verify()).toMatchObject({ whole: false, problem: expect.stringContaining("written anew") });
});

test("rows that the owner of the database hashed anew are named", async () => {
  const audit = await opened();
  await secrets(10);
  await audit.vouch();
  await unguarded(`update fairway.audit set entry = replace(entry, '"S3"', '"X3"'), subject = 'X3' where number = 6`);
  const rows = await audit.rows(0, 100);
  let before = rows[4];
  for (const row of rows.slice(5)) {
    const text = `${before?.hash}\n${before?.signedBy}\n${before?.signature}\n${row.entry}`;
    const hash = createHash("sha256").update(text).digest("hex");
    await unguarded(`update fairway.audit set hash = '${hash}' where number = ${row.number}`);
    before = { ...row, hash };
  }
  expect(await audit.verify()).toMatchObject({ whole: false, firstBad: 6, rows: 12 });
});

test("after a restore that was told the shorter record is whole", async () => {
  const audit = await opened();
  await secrets(10);
  await audit.vouch();
  await unguarded("delete from fairway.audit where number > 7");
  const again = await opened(true);
  const finding = await again.verify();
  expect(finding).toMatchObject({ whole: true, rows: 9, head: 9 });
  expect(finding.notes[0]).toContain("a backup took the record back to row 7");
  expect((await again.list({ action: "backup", limit: 5 })).map(({ number }) => number)).toEqual([8]);
});

test("a head that cannot be read is told with its line", async () => {
  const audit = await opened();
  await writeFile(join(folder, "heads.jsonl"), "nonsense\n");
  await expect(audit.verify()).rejects.toThrow(`${join(folder, "heads.jsonl")}:1 is no head of the audit`);
});

test("entries are found by who, what, where and when", async () => {
  const audit = await opened();
  await secrets(10);
  const numbers = async (query: object): Promise<readonly number[]> =>
    (await audit.list({ limit: 50, ...query })).map(({ number }) => number);
  expect(await numbers({ actor: "bob" })).toEqual([12, 10, 8, 6, 4]);
  expect(await numbers({ action: "secret", limit: 2 })).toEqual([12, 11]);
  expect(await numbers({ action: "secret.set", before: 5 })).toEqual([4, 3]);
  expect(await numbers({ action: "%" })).toEqual([]);
  expect(await numbers({ subject: "S0" })).toEqual([3]);
  expect(await numbers({ environment: "staging" })).toEqual([]);
  expect(await numbers({ until: new Date(0) })).toEqual([]);
  expect(await numbers({ since: new Date(0), limit: 1 })).toEqual([12]);
});
