import type { CommitStatusReport } from "@fairway/core";
import { expect, test } from "vitest";
import { droppedReports, keepReport, noteReceipt, openReports, retryReports } from "./forge-reports.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const status = (context: string): CommitStatusReport => ({
  ...{ kind: "status", sha: "a".repeat(40), context, state: "success", description: "it went well", url: null },
});

test("what a forge will not take is shown with why, and is told again when somebody has mended that", async () => {
  for (const key of ["a", "b", "c"]) await keepReport(store, "github", key, status(key));
  for (const open of await openReports(store, "github"))
    await noteReceipt(
      store,
      open,
      open.key === "c" ? { outcome: "told", id: "7" } : { outcome: "refused", why: `403 for ${open.key}` },
    );
  expect(await openReports(store, "github")).toEqual([]);
  expect(await droppedReports(store)).toEqual([{ forge: "github", count: 2, why: "403 for b" }]);
  expect(await retryReports(store)).toBe(2);
  expect(await droppedReports(store)).toEqual([]);
  expect((await openReports(store, "github")).map(({ key, tries }) => [key, tries])).toEqual([
    ["a", 0],
    ["b", 0],
  ]);
});

test("what was given up long ago is nobody's trouble any more", async () => {
  await store.rows("update fairway.forge_reports set state = 'dropped', look_at = now() - interval '8 days'");
  expect(await droppedReports(store)).toEqual([]);
});
