import type { CheckStatus, ReleaseId, RunId } from "@fairway/core";
import { expect, test } from "vitest";
import type { NewCheckResult } from "./check-results.ts";
import {
  checkResultById,
  figuresOfBefore,
  forgetCheckResults,
  keepCheckResult,
  listCheckResults,
} from "./check-results.ts";
import { verifiedIn, wasVerifiedIn } from "./deployments.ts";
import type { History } from "./history-for-tests.ts";
import { historyIn } from "./history-for-tests.ts";
import { renewVerification, revokedVerifications, revokeVerification } from "./revoked-verifications.ts";
import type { Store } from "./store.ts";
import { syntheticHistory } from "./synthetic-history.ts";
import { endTurn, listTurns, missedTurns, missTurn, takeTurn, wantTurns } from "./synthetic-turns.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
let history: History;
let release: ReleaseId;
storeForTests(async (opened) => {
  store = opened;
  history = historyIn(store);
  release = await history.release("a");
});

const result = (key: string, over: Partial<NewCheckResult> = {}): NewCheckResult => ({
  key,
  environment: "staging",
  release: "r1" as ReleaseId,
  name: "shop",
  kind: "journey",
  occasion: "schedule",
  location: "here",
  status: "passed",
  summary: "well\0said",
  tests: [{ name: "one", state: "passed", took: 5, message: null, requestId: "a\0b", exchange: null }],
  flaky: [],
  figures: {},
  files: [],
  run: null,
  startedAt: new Date().toISOString(),
  took: 100,
  ...over,
});

test("a result is kept once, and found by what it is of", async () => {
  const id = await keepCheckResult(store, result("once", { name: "kept", flaky: ["one"] }));
  expect(await keepCheckResult(store, result("once", { name: "kept" }))).toBe(id);
  expect(await checkResultById(store, id)).toMatchObject({ id, name: "kept", tests: [{ name: "one" }] });
  expect(await listCheckResults(store, { name: "kept", flaky: true, limit: 10 })).toHaveLength(1);
  expect(await listCheckResults(store, { name: "kept", before: id, limit: 10 })).toHaveLength(0);
  await expect(checkResultById(store, 1_000_000)).rejects.toThrow("there is no result");
});

test("the last load that passed of another release is what one is compared with", async () => {
  const load = { kind: "load", name: "load", occasion: "deployment" } as const;
  await keepCheckResult(store, result("load 1", { ...load, release: "r1" as ReleaseId, figures: { p95: 10 } }));
  await keepCheckResult(
    store,
    result("load 2", { ...load, release: "r2" as ReleaseId, status: "failed", figures: { p95: 90 } }),
  );
  const about = { environment: "staging", name: "load" };
  expect(await figuresOfBefore(store, { ...about, release: "r3" as ReleaseId })).toEqual({ p95: 10 });
  expect(await figuresOfBefore(store, { ...about, release: "r1" as ReleaseId })).toBeNull();
});

test("a release that is found unwell goes nowhere from there but back, until it is found well", async () => {
  await history.deploy("testing", release);
  const about = { environment: "testing", release, run: "run-9" as RunId };
  expect(await verifiedIn(store, release)).toContain("testing");
  expect(await revokeVerification(store, { ...about, why: "no" }, "fairway")).toBe(true);
  expect(await revokeVerification(store, { ...about, why: "no" }, "fairway")).toBe(false);
  expect(await verifiedIn(store, release)).not.toContain("testing");
  expect(await wasVerifiedIn(store, release)).toContain("testing");
  expect(await revokedVerifications(store, { environment: "testing" })).toMatchObject([{ release, why: "no" }]);
  expect(await store.transaction((tx) => renewVerification(tx, about))).toBe(true);
  expect(await store.transaction((tx) => renewVerification(tx, about))).toBe(false);
  expect(await verifiedIn(store, release)).toContain("testing");
});

test("a release that is deployed again is verified again, and one that comes back is not", async () => {
  const [one, two] = [await history.release("x"), await history.release("y")];
  for (const each of [one, two]) await history.deploy("again", each);
  await revokeVerification(store, { environment: "again", release: one, run: "run-9" as RunId, why: "no" }, "fairway");
  await history.deploy("again", one, { reason: "rollback" });
  expect(await verifiedIn(store, one)).not.toContain("again");
  await store.rows("delete from fairway.quarantine");
  await history.deploy("again", two);
  await history.deploy("again", one);
  expect(await verifiedIn(store, one)).toContain("again");
});

test("a journey is due at once when it is new and under a new release, is taken by one, and is missed once", async () => {
  const wanted = { environment: "prod", name: "buy", location: "here", release: "r1" as ReleaseId };
  const mine = async () => (await listTurns(store)).filter(({ environment }) => environment === "prod");
  await wantTurns(store, [wanted]);
  const [turn] = await mine();
  if (turn === undefined) throw new Error("there is no turn");
  expect(await takeTurn(store, turn, 60_000)).toMatchObject({ name: "buy" });
  expect(await takeTurn(store, turn, 60_000)).toBeNull();
  await endTurn(store, turn, 3_600_000);
  expect(await takeTurn(store, turn, 60_000)).toBeNull();
  await wantTurns(store, [{ ...wanted, release: "r2" as ReleaseId }]);
  const [again] = await mine();
  expect(again).toMatchObject({ release: "r2" });
  await store.rows("update fairway.synthetic_turns set due_at = now() - interval '1 hour'");
  const [missed] = await missedTurns(store, 60_000);
  if (missed === undefined) throw new Error("nothing was missed");
  expect(await missTurn(store, missed)).toBe(true);
  expect(await missTurn(store, missed)).toBe(false);
  expect(await missedTurns(store, 60_000)).toEqual([]);
  await wantTurns(store, []);
  expect(await mine()).toEqual([]);
});

test("who takes a journey and does not come back has missed it", async () => {
  await wantTurns(store, [{ environment: "prod", name: "lost", location: "here", release: "r1" as ReleaseId }]);
  const [turn] = await listTurns(store);
  if (turn === undefined) throw new Error("there is no turn");
  await store.rows("update fairway.synthetic_turns set due_at = now() - interval '1 hour'");
  await takeTurn(store, turn, 60_000);
  expect(await missedTurns(store, 60_000)).toEqual([]);
  await store.rows("update fairway.synthetic_turns set taken_until = now() - interval '1 second'");
  expect(await missedTurns(store, 60_000)).toMatchObject([{ name: "lost" }]);
});

test("the newest result of a check at a location is found by an index", async () => {
  const found = await store.rows<{ indexdef: string }>(
    "select indexdef from pg_indexes where schemaname = 'fairway' and tablename = 'check_results'",
  );
  expect(found.map(({ indexdef }) => indexdef).join("\n")).toContain("(environment, name, location, id)");
});

test("history tells how often a journey went well and how long it took, without those that have no data", async () => {
  const run = (key: string, status: CheckStatus, took: number): Promise<number> =>
    keepCheckResult(store, result(`history ${key}`, { environment: "past", status, took }));
  for (const [index, took] of [10, 20, 30, 40].entries()) await run(`${index}`, "passed", took);
  await run("bad", "failed", 1000);
  await run("none", "no-data", 0);
  const since = new Date(Date.now() - 86_400_000).toISOString();
  const [found] = await syntheticHistory(store, { environment: "past", since, by: "hour" });
  expect(found).toMatchObject({ runs: 6, passed: 4, failed: 1, noData: 1, p50: 30, p95: 1000, status: "no-data" });
  expect(found?.points.reduce((total, { runs }) => total + runs, 0)).toBe(6);
  const gone = await forgetCheckResults(store, new Date(Date.now() + 60_000).toISOString());
  expect(gone.length).toBeGreaterThan(0);
  expect(await listCheckResults(store, { environment: "past", limit: 10 })).toHaveLength(1);
});
