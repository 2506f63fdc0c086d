import { beforeEach, expect, test } from "vitest";
import { listAlerts, settleAlerts } from "../store/alerts.ts";
import { eventsAfter, latestEvent } from "../store/events.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { ServerFacts } from "./server-monitor.ts";
import { serverAlerts, watchServer } from "./server-monitor.ts";

let store: Store;
storeForTests((opened) => void (store = opened));
beforeEach(() => store.rows("truncate fairway.alerts restart identity"));

const now = Date.parse("2026-11-22T12:00:00Z");
const minute = 60_000;
const of = { name: "shop", environment: "production" };
const monitor = { database: "URL", standbys: 1, lag: { warn: minute, page: 5 * minute }, archive: 15 * minute };
const well: ServerFacts = {
  ...{ archives: true, failedAt: null, archivedAt: now - 1000, failedFile: null, waitingSince: null },
  ...{ standbys: 1, lag: 200, idleSlots: [] },
};
const found = (facts: Partial<ServerFacts>): readonly string[] =>
  serverAlerts(of, monitor, { ...well, ...facts }, now).map(({ key, level }) => `${level} ${key.slice(12)}`);

test("a server whose log gets away says nothing, also where nobody writes anything", () => {
  expect(found({})).toEqual([]);
  expect(found({ archivedAt: now - 86_400_000, lag: null })).toEqual([]);
});

test.each([
  ["an archive that fails", { failedAt: now, archivedAt: now - minute }, ["error archive"]],
  ["an archive that never went well", { failedAt: now, archivedAt: null }, ["error archive"]],
  ["an archive that failed and is well again", { failedAt: now - minute, archivedAt: now }, []],
  ["a file that waits too long", { waitingSince: now - 16 * minute }, ["error archive"]],
  ["a server that archives nothing", { archives: false }, ["error archive"]],
  ["a standby that is gone, whose lag is gone with it", { standbys: 0, lag: null }, ["error standbys"]],
  ["a standby that lags", { lag: 2 * minute }, ["warning lag"]],
  ["a standby that lags far behind", { lag: 6 * minute }, ["error lag"]],
  ["a slot that nobody reads", { idleSlots: ["old"] }, ["warning slots"]],
] as const)("%s", (_name, facts, expected) => {
  expect(found(facts)).toEqual(expected);
});

test("a server that cannot be asked is told of, too", async () => {
  const alerts = await watchServer(of, monitor, () => Promise.reject(new Error("the secret URL is not there")), now);
  expect(alerts).toMatchObject([{ key: "backup/shop/asked", level: "error", note: "the secret URL is not there" }]);
});

test("what goes on is told once, once when it gets worse, and once when it is over", async () => {
  const before = await latestEvent(store);
  const settle = async (facts: Partial<ServerFacts>): Promise<void> =>
    settleAlerts(store, "backup/shop/", serverAlerts(of, monitor, { ...well, ...facts }, now));
  await Promise.all([settle({ lag: 2 * minute }), settle({ lag: 2 * minute })]);
  await settle({ lag: 3 * minute });
  await settle({ lag: 6 * minute });
  expect(await listAlerts(store, 5)).toMatchObject([{ key: "backup/shop/lag", level: "error", resolvedAt: null }]);
  // Of another backup, whose name begins in the same way.
  await settleAlerts(store, "backup/shop-copy/", []);
  await settle({});
  await settle({});
  const told = (await eventsAfter(store, before)).filter(({ kind }) => kind === "alert.changed");
  expect(told.map(({ body }) => body)).toMatchObject([
    { state: "raised", level: "warning" },
    { state: "raised", level: "error" },
    { state: "resolved" },
  ]);
  await settle({ lag: 2 * minute });
  expect(await listAlerts(store, 5)).toMatchObject([{ number: 2, resolvedAt: null }, { number: 1 }]);
});
