import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { isAlive, processesOf, until } from "./support/leak-guard.ts";
import { ask } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway(webProject({ says: "one" }));
});

afterAll(() => fairway?.end());

test("fairway down ends a check that runs, and the next start begins it anew and takes the release to its end", async () => {
  const [gate, ledger] = [join(fairway.place, "gate"), join(fairway.place, "ledger")];
  const check = `import { appendFileSync, existsSync } from "node:fs";
const note = (what) => appendFileSync(${JSON.stringify(ledger)}, what + "\\n");
note("begun");
setInterval(() => existsSync(${JSON.stringify(gate)}) && (note("ended"), process.exit(0)), 20);
`;
  const files = { "web/check.mjs": check, ...webProject({}, { service: { checks: { wait: "node check.mjs" } } }) };
  const run = await fairway.client.call("makeRelease", { ref: await fairway.project.commit("Wait", files), by });
  await fairway.runUntil(run, (now) => stateOf(now, "check:web/wait") === "running");
  const lines = (): readonly string[] =>
    readFileSync(ledger, { encoding: "utf8", flag: "a+" }).split("\n").slice(0, -1);
  await until(() => lines().length === 1, "the check has begun");

  const { pid } = fairway;
  const down = await commandLine(fairway.project.path, fairway.data, "down");
  expect(down).toMatchObject({ code: 0 });
  await until(() => !isAlive(pid), "the daemon has ended");
  await until(() => processesOf(fairway.place).length === 0, "everything has ended");
  await writeFile(gate, "");
  await fairway.start();

  const released = await fairway.settled(run);
  assertEnded(released, "succeeded");
  expect(released.jobs.map(({ attempt }) => attempt)).toEqual(released.jobs.map(() => 1));
  expect(lines()).toEqual(["begun", "begun", "ended"]);
  assertEnded(await fairway.settled({ id: released.next[0] ?? "" }), "succeeded");
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ release: "r1" });
  await fairway.assertHealthy();
});
