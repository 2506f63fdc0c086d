import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ServiceConfig } from "@fairway/config";
import type { Run } from "@fairway/api";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { processesOf, until } from "./support/leak-guard.ts";
import { ask } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway(webProject());
  assertEnded(await fairway.release(), "succeeded");
});

const nothingChanged = async (): Promise<void> => {
  await fairway.assertHealthy();
  expect((await fairway.client.call("releases", {})).map(({ id }) => id)).toEqual(["r1"]);
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ release: "r1" });
};

afterEach(nothingChanged);

afterAll(() => fairway?.end());

/** Commits a service with a program `task.mjs` in its folder, and asks for a release. */
const ship = (message: string, task: string, service: ServiceConfig): Promise<Run> =>
  fairway.ship(message, { ...webProject({}, { service }), "web/task.mjs": task });

test("a build that leaves nothing is told which folder is missing", async () => {
  const run = await ship("Leave nothing", "", { build: { commands: ["node task.mjs"], output: "dist" } });
  assertEnded(run, "errored");
  expect(reasonsOf(run)).toMatch(/dist/);
});

test("a build that leaves an empty folder makes no artifact of it", async () => {
  const run = await ship("Leave an empty folder", 'import { mkdirSync } from "node:fs"; mkdirSync("dist");', {
    build: { commands: ["node task.mjs"], output: "dist" },
  });
  expect(run.state).not.toBe("succeeded");
  expect(reasonsOf(run)).toMatch(/dist|empty/);
});

test("a build that leaves a link out of its folder is refused by the link's name", async () => {
  const task =
    'import { mkdirSync, symlinkSync } from "node:fs"; mkdirSync("dist"); symlinkSync("/etc/passwd", "dist/users");';
  const run = await ship("Leave a link", task, { build: { commands: ["node task.mjs"], output: "dist" } });
  expect(run.state).not.toBe("succeeded");
  expect(reasonsOf(run)).toMatch(/users/);
  expect(reasonsOf(run)).toMatch(/link|outside/);
});

test("a build that fails says how, with its last words", async () => {
  const run = await ship("Fail", 'console.error("no compiler"); process.exit(3);', {
    build: { commands: ["node task.mjs"] },
  });
  assertEnded(run, "failed");
  expect(reasonsOf(run)).toContain("node task.mjs ended with exit code 3");
  expect(reasonsOf(run)).toContain("no compiler");
});

test("a program that is not there is named", async () => {
  const run = await ship("Call nothing", "", { checks: { test: "no-such-program --all" } });
  expect(run.state).not.toBe("succeeded");
  expect(reasonsOf(run)).toContain("no-such-program");
});

test("a check that hangs is ended at its timeout, with all that it started", async () => {
  const task = 'import { spawn } from "node:child_process"; spawn("sleep", ["4321"]); process.on("SIGTERM", () => {});';
  const run = await ship("Hang", task, { checks: { test: { command: "node task.mjs", timeout: "500ms" } } });
  assertEnded(run, "failed");
  expect(reasonsOf(run)).toContain("node task.mjs took longer than 0.5 s");
  expect(processesOf(fairway.place).filter(({ command }) => /sleep 4321|task\.mjs/.test(command))).toEqual([]);
});

test("what a check leaves behind in the background is ended with it, and does not hold it up", async () => {
  const task =
    'import { spawn } from "node:child_process"; spawn("sleep", ["5678"], { detached: true, stdio: "inherit" }).unref(); process.exitCode = 1;';
  const run = await ship("Leave a process", task, { checks: { test: "node task.mjs" } });
  assertEnded(run, "failed");
  expect(reasonsOf(run)).toContain("exit code 1");
  await until(
    () => !processesOf(fairway.place).some(({ command }) => command === "sleep 5678"),
    "nothing is left of the check",
  );
});

test("a check that writes without end is ended at its timeout, and its log stays small", async () => {
  const task =
    'const line = "x".repeat(1023) + "\\n"; const write = () => process.stdout.write(line.repeat(64), () => setImmediate(write)); write();';
  const run = await ship("Write without end", task, { checks: { test: { command: "node task.mjs", timeout: "1s" } } });
  assertEnded(run, "failed");
  expect(reasonsOf(run).length).toBeLessThan(20_000);
});
