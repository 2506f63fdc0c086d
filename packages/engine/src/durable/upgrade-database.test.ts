import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { packagedBinaries } from "../database/binaries.ts";
import { openEmbeddedPostgres } from "../database/embedded-postgres.ts";
import type { ScratchDirectory } from "../database/test-database.ts";
import { scratchDirectory } from "../database/test-database.ts";
import { insertRun, listRuns } from "../store/runs.ts";
import { openStore } from "../store/store.ts";
import { prepareDatabase, upgradeIfBehind } from "./upgrade-database.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const older = packagedBinaries("embedded-postgres-17");

let scratch: ScratchDirectory;
let directory: string;
beforeEach(async () => {
  scratch = await scratchDirectory();
  directory = join(scratch.path, "database");
});
afterEach(() => scratch.remove());

test("where there is no database yet there is nothing to upgrade", async () => {
  expect(await upgradeIfBehind(directory)).toBeNull();
});

describe("a database that an older major version made", () => {
  test("comes to the installed one with its runs, and is left alone the second time", async (context) => {
    if (!older) return context.skip("the older binaries are not installed on this platform");
    const old = await openEmbeddedPostgres({ directory, binaries: older });
    await prepareDatabase(old.connection);
    const before = openStore(old.connection);
    await before.transaction((tx) =>
      insertRun(
        tx,
        { kind: "release", title: "made on the old one", subject: null, requestedBy: "a test", jobs: [] },
        null,
      ),
    );
    await before.close();
    await old.stop();

    expect(await upgradeIfBehind(directory)).toMatchObject({ kind: "upgraded", from: 17 });
    expect(await upgradeIfBehind(directory)).toBeNull();

    const now = await openEmbeddedPostgres({ directory });
    const store = openStore(now.connection);
    expect((await listRuns(store)).map(({ title }) => title)).toEqual(["made on the old one"]);
    await store.close();
    await now.stop();
  });
});
