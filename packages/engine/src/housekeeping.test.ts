import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { processesOfCommand } from "./commands/processes.ts";
import { runCommand } from "./commands/run-command.ts";
import type { DataDirectory } from "./data-directory.ts";
import { dataDirectory } from "./data-directory.ts";
import { freshDatabase, scratchDirectory } from "./database/test-database.ts";
import { sweepAtStart } from "./housekeeping.ts";
import { migrate } from "./store/migrate.ts";
import { insertRun } from "./store/runs.ts";
import type { Store } from "./store/store.ts";
import { openStore } from "./store/store.ts";

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

async function place(): Promise<{ readonly store: Store; readonly data: DataDirectory }> {
  const database = await freshDatabase();
  undo.push(() => database.drop());
  const store = openStore(database.connection);
  undo.push(() => store.close());
  await migrate(store);
  const scratch = await scratchDirectory();
  undo.push(() => scratch.remove());
  return { store, data: dataDirectory(scratch.path) };
}

test("outcomes of runs that the database does not know are forgotten, because another run will get their number", async () => {
  const { store, data } = await place();
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

test("a journey that a killed daemon was making is ended, and nothing of what it wrote is left", async () => {
  const { store, data } = await place();
  const own = join(data.checkTurns, "one");
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "report"), "with what is secret");
  const [directory, leave] = [join(own, "command"), new AbortController()];
  const command = {
    directory,
    argv: ["sh", "-c", "touch up; sleep 600"],
    cwd: own,
    env: {},
    secrets: [],
    timeout: 600_000,
    grace: 5_000,
  } as const;
  const running = runCommand(command, { detach: leave.signal });
  await Promise.all([
    expect(running).rejects.toThrow("killed"),
    vi
      .waitFor(() => expect(existsSync(join(own, "up"))).toBe(true), { interval: 5, timeout: 10_000 })
      .finally(() => leave.abort(new Error("killed"))),
  ]);

  await sweepAtStart(store, data);

  expect(await processesOfCommand(directory, undefined)).toEqual([]);
  expect(existsSync(data.checkTurns)).toBe(false);
  // And where there is nothing to sweep.
  await sweepAtStart(store, data);
});
