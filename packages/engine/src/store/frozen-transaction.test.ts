import { expect, test } from "vitest";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests(async (opened) => void (store = opened));

const allowed = "select setting::int as ms from pg_settings where name = 'idle_in_transaction_session_timeout'";

test("what a process holds that was frozen in a transaction is free again within seconds, and nothing else is ended", async () => {
  const [within] = await store.transaction((tx) => tx.rows<{ readonly ms: number }>(allowed));
  expect(within).toEqual({ ms: 15_000 });
  const [outside] = await store.rows<{ readonly ms: number }>(allowed);
  expect(outside).toEqual({ ms: 0 });
});
