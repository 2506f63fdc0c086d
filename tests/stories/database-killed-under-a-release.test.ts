import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { isAlive, until } from "./support/leak-guard.ts";
import { ask, startLoad } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway(webProject());
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("when the database is killed while a check runs, services answer, and the release goes on when it is back", async () => {
  const gate = join(fairway.place, "gate");
  const check = `import { existsSync } from "node:fs";\nsetInterval(() => existsSync(${JSON.stringify(gate)}) && process.exit(0), 20);\n`;
  const files = {
    "web/check.mjs": check,
    ...webProject({ says: "two" }, { service: { checks: { wait: "node check.mjs" } } }),
  };
  const run = await fairway.client.call("makeRelease", {
    ref: await fairway.project.commit("Wait in a check", files),
    by,
  });
  await fairway.runUntil(run, (now) => stateOf(now, "check:web/wait") === "running");

  const load = startLoad(fairway, "web.staging.localhost");
  const pid = postmaster() ?? 0;
  process.kill(pid, "SIGKILL");
  await until(() => !isAlive(pid), "the database has ended");
  await writeFile(gate, "");
  await until(
    async () => (await fetch(`${fairway.client.url}/readyz`)).ok && postmaster() !== pid,
    "the database is back",
  );
  const released = await fairway.settled(run);
  assertEnded(released, "succeeded");
  assertEnded(await fairway.settled({ id: released.next[0] ?? "" }), "succeeded");
  const served = await load.stop();

  expect(served.failures).toEqual([]);
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "two", release: "r2" });
  await fairway.assertHealthy();
});

/** The database's first process, as its own file tells; none while there is none. */
function postmaster(): number | undefined {
  const root = join(fairway.data, "database");
  for (const name of readdirSync(root)) {
    try {
      return Number(readFileSync(join(root, name, "postmaster.pid"), "utf8").split("\n")[0]);
    } catch {
      continue; // not the folder, or it is not running
    }
  }
  return undefined;
}
