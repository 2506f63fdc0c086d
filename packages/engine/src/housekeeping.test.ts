import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { dataDirectory } from "./data-directory.ts";
import { freshDatabase, scratchDirectory } from "./database/test-database.ts";
import { sweepAtStart } from "./housekeeping.ts";
import { migrate } from "./store/migrate.ts";
import { insertRun } from "./store/runs.ts";
import { openStore } from "./store/store.ts";

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

test("outcomes of runs that the database does not know are forgotten, because another run will get their number", async () => {
  const database = await freshDatabase();
  undo.push(() => database.drop());
  const store = openStore(database.connection);
  undo.push(() => store.close());
  await migrate(store);
  const scratch = await scratchDirectory();
  undo.push(() => scratch.remove());
  const data = dataDirectory(scratch.path);
  await store.transaction((tx) =>
    insertRun(tx, { kind: "release", title: "one", subject: null, requestedBy: "a test", jobs: [] }, null),
  );
  for (const name of ["run-1", "run-2", "run-17"]) {
    await mkdir(join(data.steps, name), { recursive: true });
    await mkdir(join(data.root, "work", name), { recursive: true });
  }

  await sweepAtStart(store, data);

  const left = ["run-1", "run-2", "run-17"].filter(
    (name) => existsSync(join(data.steps, name)) || existsSync(join(data.root, "work", name)),
  );
  expect(left).toEqual(["run-1"]);
});
