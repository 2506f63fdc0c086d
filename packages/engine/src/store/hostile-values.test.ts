import { hostileTexts } from "@fairway/conformance";
import { localActor } from "@fairway/core";
import { expect, test } from "vitest";
import { recordAudit } from "./audit.ts";
import { auditEntries } from "./audit-rows.ts";
import { listNotices } from "./notices.ts";
import { listPlans } from "./infrastructure-plans.ts";
import { listStates } from "./infrastructure-states.ts";
import { personByName } from "./people/people.ts";
import { currentSecrets } from "./secrets.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const injections = [
  "' or '1'='1",
  "'; drop table fairway.runs; --",
  "1; select pg_sleep(10)",
  "') union select null, null --",
  "%' and 1=1 --",
  "\\'; copy fairway.audit to program 'touch pwned'; --",
  "$1",
  "{ada}",
  "${7*7}",
  '"; delete from fairway.audit; --',
];
/** Of a zero character, which PostgreSQL cannot keep, the contract says so before. */
const values = [...injections, ...hostileTexts.map(({ text }) => text)].filter(
  (value) => !value.includes("\0") && value.isWellFormed(),
);

test("whatever is looked for is a value and nothing else", async () => {
  const actor = localActor("ada");
  for (const subject of values)
    await store.transaction(async (tx) =>
      recordAudit(tx, { actor, action: "secret.set", subject, environment: "production" }),
    );
  for (const value of values) {
    const found = await auditEntries(store, { subject: value, limit: 10 });
    expect([value, found.map(({ subject }) => subject)]).toEqual([value, [value]]);
    expect(await auditEntries(store, { actor: value, environment: value, limit: 10 })).toEqual([]);
    expect(await listNotices(store, { channel: value, limit: 10 })).toEqual([]);
    expect(await listPlans(store, { environment: value, stack: value, limit: 10 })).toEqual([]);
    expect(await listStates(store, value, value)).toEqual([]);
    expect(await personByName(store, value)).toBeNull();
    expect(await currentSecrets(store, [value], [value])).toEqual([]);
  }
  const [kept] = await store.rows<{ count: number }>(
    "select count(*)::int as count from fairway.audit where action = 'secret.set'",
  );
  expect(kept?.count).toBe(values.length);
});
