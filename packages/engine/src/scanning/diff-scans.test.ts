import type { CommitHistory, Forge, ForgeEvent, RunId } from "@fairway/core";
import { expect, test } from "vitest";
import { reportsOfScan } from "../forge/reports-of-scan.ts";
import type { RunDetail } from "../runs/engine.ts";
import type { RunPlan } from "../runs/stage.ts";
import { forgetDiffScans, keepDiffScan } from "../store/diff-scans.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { beginDiffScans, diffOf } from "./diff-scans.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const history = { defaultBranch: async () => "main", tip: async () => "tip" } as unknown as CommitHistory;
const forge = { takes: new Set(["check-run"]) } as unknown as Forge;
const pushed = (branch: string, after: string | null = "new"): ForgeEvent =>
  ({ kind: "push", ref: `refs/heads/${branch}`, before: "old", after }) as unknown as ForgeEvent;
const pull = (given: object = {}): ForgeEvent =>
  ({
    ...{ kind: "pull-request", number: 7, state: "open", fromFork: true },
    ...{ head: { ref: "keys", sha: "new" }, base: { ref: "main", sha: "base" } },
    ...given,
  }) as unknown as ForgeEvent;

test("a branch is held against the main one, the main one against what it was, a pull request against its base", async () => {
  expect(await diffOf(history, forge, pushed("main"))).toMatchObject({ sha: "new", base: "old", fromFork: false });
  expect(await diffOf(history, forge, pushed("keys"))).toMatchObject({ ref: "refs/heads/keys", base: "tip" });
  expect(await diffOf(history, forge, pull())).toEqual({
    ...{ ref: "refs/pull/7/head", sha: "new", base: "base", fromFork: true },
  });
  expect(await diffOf(history, forge, pull({ base: { ref: "main", sha: null } }))).toMatchObject({ base: "tip" });
  expect(await diffOf(history, forge, pull({ state: "closed" }))).toBeNull();
  expect(await diffOf(history, forge, pushed("keys", null))).toBeNull();
  expect(await diffOf(history, { ...forge, takes: new Set() }, pushed("main"))).toBeNull();
});

test("each is begun once, and none in a project that lists no keys and owes no scan", async () => {
  const diff = { ref: "refs/heads/main", sha: "new", base: "old", fromFork: false };
  const begun: (string | undefined)[] = [];
  const begin = (credentials: readonly object[], fails = false): Promise<void> =>
    beginDiffScans({
      store,
      inForce: async () => ({ duties: [], credentials }) as never,
      startRun: async (_plan: RunPlan, key) => {
        if (fails) throw new Error("the database is away");
        begun.push(key);
        return "run-1" as RunId;
      },
    });
  await store.rows("insert into fairway.runs (kind, title, subject, requested_by) values ('duty', 't', '{}', 'ada')");
  await keepDiffScan(store, "github", diff);
  await begin([]);
  await begin([{}]);
  expect(begun).toEqual([]);
  await keepDiffScan(store, "github", { ...diff, sha: "newer" });
  await keepDiffScan(store, "github", { ...diff, sha: "newer" });
  await expect(begin([{}], true)).rejects.toThrow("the database is away");
  await store.rows("update fairway.diff_scans set look_at = now()");
  await begin([{}]);
  await begin([{}]);
  expect(begun).toEqual(["scan/refs/heads/main/newer"]);
  await store.rows("update fairway.diff_scans set created_at = now() - interval '401 days' where sha = 'newer'");
  await forgetDiffScans(store);
  expect(await store.rows("select sha, state from fairway.diff_scans")).toEqual([{ sha: "new", state: "left-out" }]);
});

test("a check has each place with its line, tells who may not push here no names, and is no success where nobody could look", async () => {
  const place = {
    commit: "0123456789ab",
    path: "src/pay.js",
    line: 7,
    rule: "known-value",
    credential: "pay@production",
  };
  const result = { findings: 1, unread: 0, places: [place] };
  const sql = { rows: async () => [{ name: "scan", result }] } as never;
  const told = async (state: string, fromFork = false) => {
    const run = { id: "run-1", kind: "duty", state, subject: { scan: "diff", sha: "new", ref: "r", fromFork } };
    const [found] = await reportsOfScan(sql, run as unknown as RunDetail, new Set(["check-run"]));
    return found?.report;
  };
  expect(await told("failed")).toMatchObject({
    ...{ kind: "check-run", name: "fairway/secrets", state: "failure" },
    annotations: [{ file: "src/pay.js", line: 7, message: expect.stringContaining("The value of pay@production") }],
  });
  expect(JSON.stringify(await told("failed", true))).not.toContain("pay@production");
  expect(await told("errored")).toMatchObject({ state: "failure", title: "run-1 could not look: errored" });
  expect(await told("succeeded")).toMatchObject({ state: "success", title: "no key is added" });
  result.unread = 2;
  expect(await told("succeeded")).toMatchObject({ title: "no key is added; 2 files could not be looked into" });
});
