import { setTimeout as turn } from "node:timers/promises";
import type { AuditEntry } from "@fairway/core";
import { localActor } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditLink } from "../audit/audit-hash.ts";
import { hashOfEntry, noLink } from "../audit/audit-hash.ts";
import type { FreshDatabase } from "../database/test-database.ts";
import { freshDatabase } from "../database/test-database.ts";
import { engineTemplate } from "../runs/engine-for-tests.ts";
import { recordAudit } from "./audit.ts";
import type { Store } from "./store.ts";
import { openStore } from "./store.ts";

let database: FreshDatabase;
let store: Store;
beforeAll(async () => {
  database = await freshDatabase(engineTemplate);
  store = openStore({ connectionString: database.connectionString, max: 16 });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

interface Row extends AuditLink {
  readonly number: string;
  readonly entry: string;
}
const rows = (): Promise<readonly Row[]> =>
  store.rows<Row>('select number, entry, hash, signed_by as "signedBy", signature from fairway.audit order by number');
const entry = (subject: string) =>
  ({ actor: localActor("ada"), action: "secret.set", subject, environment: "production" }) as const;

test("sixteen writers make one chain without gaps and without a fork", async () => {
  const before = (await rows()).length;
  await Promise.all(
    Array.from({ length: 16 }, async (_, writer) => {
      for (let index = 0; index < 10; index++)
        await store.transaction(async (tx) => {
          recordAudit(tx, entry(`w${writer}-${index}`));
          if (index % 3 === 0) recordAudit(tx, entry(`w${writer}-${index}b`));
          await turn(0);
        });
    }),
  );
  const found = await rows();
  expect(found.length - before).toBe(16 * 14);
  let link: AuditLink = noLink;
  for (const [index, row] of found.entries()) {
    expect(Number(row.number)).toBe(index + 1);
    expect(row.hash).toBe(hashOfEntry(link, row.entry));
    link = row;
    expect((JSON.parse(row.entry) as AuditEntry).number).toBe(index + 1);
  }
});

test("what is rolled back leaves no entry", async () => {
  const before = (await rows()).length;
  await expect(
    store.transaction(async (tx) => {
      recordAudit(tx, entry("never"));
      await tx.rows("select 1 / 0");
    }),
  ).rejects.toThrow("division by zero");
  expect((await rows()).length).toBe(before);
});

test("an entry keeps whatever people call things, as text that the database takes", async () => {
  await store.transaction(async (tx) =>
    recordAudit(tx, { ...entry("a\0b \uD800 \u202E 🦀"), detail: { "k\0": ["\uDFFF", { deep: "\0" }] } }),
  );
  const last = JSON.parse((await rows()).at(-1)?.entry ?? "") as AuditEntry;
  expect(last.subject).toBe("a\u2400b \uFFFD \u202E 🦀");
  expect(last.detail).toEqual({ "k\u2400": ["\uFFFD", { deep: "\u2400" }] });
});

test.each(["update fairway.audit set entry = ''", "delete from fairway.audit", "truncate fairway.audit"])(
  "the database itself refuses: %s",
  async (statement) => {
    await expect(store.rows(statement)).rejects.toThrow("the audit is only ever added to");
  },
);
