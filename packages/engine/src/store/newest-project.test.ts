import type { Project } from "@fairway/core";
import { expect, test } from "vitest";
import { latestEvent } from "./events.ts";
import { newestProject } from "./newest-project.ts";
import { noticesSeen } from "./notices.ts";
import { keepSetting, setting } from "./settings.ts";
import type { Sql, Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const named = (name: string): Project => ({ name }) as Project;

/** The same database, with a list of what was asked of it; it can be made to be away. */
function watched(): { readonly sql: Sql; readonly questions: readonly string[]; isAway: (away: boolean) => void } {
  const questions: string[] = [];
  let isAway = false;
  const sql: Sql = {
    rows(text, values) {
      questions.push(text.trim().split(" ")[0] ?? "");
      return isAway ? Promise.reject(new Error("the database is away")) : store.rows(text, values);
    },
  };
  return { sql, questions, isAway: (away) => void (isAway = away) };
}

test("what requests ask for at the same time and afterwards is read once, until another is kept", async () => {
  const { sql, questions } = watched();
  const newest = newestProject(sql);
  expect(await newest.read()).toBeNull();
  await newest.keep(named("shop"));
  expect(await Promise.all([newest.read(), newest.read()])).toEqual([named("shop"), named("shop")]);
  expect(await newest.read()).toEqual(named("shop"));
  await newest.keep(named("stall"));
  expect(await newest.read()).toEqual(named("stall"));
  expect(questions).toEqual(["select", "with", "select", "with", "select"]);
});

test("a look that failed is not remembered, nor what was known before a change that may have been written", async () => {
  const { sql, isAway } = watched();
  const newest = newestProject(sql);
  await newest.keep(named("shop"));
  isAway(true);
  await expect(newest.read()).rejects.toThrow("the database is away");
  isAway(false);
  expect(await newest.read()).toEqual(named("shop"));
  isAway(true);
  await expect(newest.keep(named("stall"))).rejects.toThrow("the database is away");
  isAway(false);
  await newestProject(store).keep(named("stall"));
  expect(await newest.read()).toEqual(named("stall"));
});

test("channels hear of what happens from the moment that they are kept, and go on where they were", async () => {
  const happens = (): Promise<void> =>
    store.transaction(async (tx) => tx.emit({ kind: "environment.changed", subject: "place", body: {} }));
  const listening = { name: "shop", notices: [{ name: "team" }] } as unknown as Project;
  const newest = newestProject(store);
  await happens();
  await newest.keep(named("shop"));
  expect(await setting(store, noticesSeen)).toBeUndefined();
  const before = await latestEvent(store);
  await newest.keep(listening);
  await happens();
  await newest.keep(listening);
  expect([await setting(store, noticesSeen), await newest.read()]).toEqual([before, listening]);
  // Where nobody wanted to hear any more what happened meanwhile is not told.
  await keepSetting(store, noticesSeen, null);
  await newest.keep(listening);
  expect(await setting(store, noticesSeen)).toBe(before + 1);
});
