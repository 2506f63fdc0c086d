import type { ReleaseId } from "@fairway/core";
import { beforeEach, expect, test } from "vitest";
import { currentRelease } from "./deployments.ts";
import { latestEvent } from "./events.ts";
import type { History } from "./history-for-tests.ts";
import { historyIn } from "./history-for-tests.ts";
import { addQuarantine, liftQuarantine, listQuarantine, quarantineOf } from "./quarantine.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
let history: History;
let one: ReleaseId;
let two: ReleaseId;
storeForTests(async (opened) => {
  store = opened;
  history = historyIn(store);
  one = await history.release("good");
  two = await history.release("bad");
});
beforeEach(() => store.rows("delete from fairway.quarantine"));

const word = { by: "ada", reason: "prices are wrong" };

test("a rollback puts what it left there, with who asked and which deployment it was", async () => {
  await history.deploy("a", one);
  await history.deploy("a", two);
  const run = await history.deploy("a", one, { reason: "rollback" });
  expect(await quarantineOf(store, "bad")).toMatchObject({
    release: two,
    by: "ana",
    reason: "a was rolled back to r1",
    cause: "rollback",
    run,
    environment: "a",
  });
  expect(await quarantineOf(store, "good")).toBeNull();
});

test("a deployment that failed puts what it tried there, with the first line of why", async () => {
  await history.deploy("b", one);
  await history.deploy("b", two, { saidNo: true });
  expect(await quarantineOf(store, "bad")).toMatchObject({ by: "fairway", reason: "it is broken", cause: "failure" });
});

test.each([
  ["verify", "bad"],
  // It was well at first, and then was not: what users do there failed, or a replica died.
  ["bake", "bad"],
  // Of the database, and not of what was tried.
  ["migrate", null],
] as const)("a no of the stage %s puts there: %s", async (stage, digest) => {
  await history.deploy(stage, one);
  await history.deploy(stage, two, { saidNo: stage });
  expect((await listQuarantine(store)).map((found) => found.digest)).toEqual(digest === null ? [] : [digest]);
});

test("what is there begins nowhere, under no name, until it is lifted", async () => {
  await addQuarantine(store, { release: two, ...word });
  const again = await history.release("bad");
  await history.deploy("c", again);
  await history.deploy("c", two);
  expect(await currentRelease(store, "c")).toBeNull();
  // By whichever of its names.
  await liftQuarantine(store, { release: again, by: "bob", reason: "the supplier was wrong" });
  await history.deploy("c", two);
  expect((await currentRelease(store, "c"))?.id).toBe(two);
  expect(await listQuarantine(store)).toEqual([]);
  expect(await listQuarantine(store, true)).toMatchObject([
    { release: two, by: "ada", lifted: { by: "bob", because: "the supplier was wrong" } },
  ]);
});

test("it is put and lifted once, by somebody, for a reason", async () => {
  await expect(addQuarantine(store, { release: two, by: " ", reason: "x" })).rejects.toMatchObject({
    code: "bad_request",
  });
  await expect(liftQuarantine(store, { release: two, by: "ada", reason: "" })).rejects.toMatchObject({
    code: "bad_request",
  });
  await expect(liftQuarantine(store, { release: two, ...word })).rejects.toMatchObject({
    code: "not_allowed_now",
    message: "r2 is not in quarantine",
  });
  await addQuarantine(store, { release: two, ...word });
  await expect(addQuarantine(store, { release: two, ...word })).rejects.toMatchObject({
    code: "not_allowed_now",
    message: expect.stringMatching(/^r2 is in quarantine since .* by ada: prices are wrong$/),
  });
  await expect(addQuarantine(store, { release: "r99" as ReleaseId, ...word })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("everybody hears of it", async () => {
  const heard = await latestEvent(store);
  await addQuarantine(store, { release: two, ...word });
  await liftQuarantine(store, { release: two, by: "bob", reason: "safe" });
  const told = await store.rows<{ body: object }>(
    "select body from fairway.events where kind = 'quarantine.changed' and seq > $1 order by seq",
    [heard],
  );
  expect(told.map(({ body }) => body)).toMatchObject([
    { digest: "bad", quarantined: true, by: "ada", reason: "prices are wrong" },
    { digest: "bad", quarantined: false, by: "bob", reason: "safe" },
  ]);
});
