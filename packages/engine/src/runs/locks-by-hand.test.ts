import { expect, test } from "vitest";
import { environmentLocks } from "../store/environment-locks.ts";
import { eventsAfter } from "../store/events.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { lockEnvironment, unlockEnvironment } from "./actions.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const lockOf = async (environment: string) =>
  (await environmentLocks(store)).find((lock) => lock.environment === environment)?.manual ?? null;

test("whoever holds a lock may change its words; somebody else is refused with who, why and how", async () => {
  await lockEnvironment(store, "one", { by: "ana", because: "stock-taking" });
  await lockEnvironment(store, "one", { by: "ana", because: "stock-taking, part two" });
  await expect(lockEnvironment(store, "one", { by: "ben", because: "mine" })).rejects.toMatchObject({
    code: "locked",
    message: "one is locked by ana already: stock-taking, part two",
    hint: expect.stringContaining("fairway lock one --steal") as string,
  });
  await expect(unlockEnvironment(store, "one", { by: "ben" })).rejects.toMatchObject({
    code: "locked",
    hint: 'say why it may go: fairway unlock one --reason "…"',
  });
  expect(await lockOf("one")).toMatchObject({ by: "ana", until: null });
});

test("somebody else's lock is taken over or off with a reason, and both are on record", async () => {
  await lockEnvironment(store, "two", { by: "ana", because: "stock-taking" });
  await lockEnvironment(store, "two", { by: "ben", because: "ana is ill", steal: true });
  expect(await lockOf("two")).toMatchObject({ by: "ben", because: "ana is ill" });
  await unlockEnvironment(store, "two", { by: "cleo", because: "it is over" });
  expect(await lockOf("two")).toBeNull();
  const told = (await eventsAfter(store, 0)).filter(({ subject }) => subject === "two").map(({ body }) => body);
  expect(told).toMatchObject([
    { by: "ana", locked: { by: "ana" } },
    { by: "ben", stolenFrom: "ana", locked: { because: "ana is ill" } },
    { by: "cleo", stolenFrom: "ben", because: "it is over", locked: null },
  ]);
  await expect(unlockEnvironment(store, "two", { by: "ben" })).rejects.toMatchObject({ code: "not_allowed_now" });
});

test("a lock whose time is over is none", async () => {
  await lockEnvironment(store, "three", { by: "ana", because: "a demo", until: "2020-01-01T00:00:00.000Z" });
  expect(await lockOf("three")).toBeNull();
  await lockEnvironment(store, "three", { by: "ben", because: "mine now", until: "9999-01-01T00:00:00.000Z" });
  expect(await lockOf("three")).toMatchObject({ by: "ben", until: "9999-01-01T00:00:00.000Z" });
});
