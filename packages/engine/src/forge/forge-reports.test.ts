import { expect, test } from "vitest";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { forgeReports } from "./forge-reports.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

test("that a forge is told again what was given up is on record, where there was something", async () => {
  const reports = forgeReports({
    store,
    engine: {},
    log: () => undefined,
    forge: () => Promise.reject(new Error()),
  } as never);
  expect(await reports.retry()).toBe(0);
  await store.rows(
    "insert into fairway.forge_reports (forge, key, body, state) values ('github', 'k', '{}', 'dropped')",
  );
  expect(await reports.retry()).toBe(1);
  expect(
    await store.rows(
      "select subject, entry::json->'detail' as detail from fairway.audit where action = 'notices.retried'",
    ),
  ).toEqual([{ subject: "forge", detail: { retried: 1 } }]);
});
