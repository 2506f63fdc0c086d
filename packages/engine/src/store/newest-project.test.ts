import type { Project } from "@fairway/core";
import { expect, test } from "vitest";
import { newestProject } from "./newest-project.ts";
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
  expect(questions).toEqual(["select", "insert", "select", "insert", "select"]);
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
