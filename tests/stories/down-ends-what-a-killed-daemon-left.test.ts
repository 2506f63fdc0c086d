import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine, type Said } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { assertRefused, processesOf, until } from "./support/leak-guard.ts";
import { ask } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway(webProject());
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

const fairwayCommand = (...words: readonly string[]): Promise<Said> =>
  commandLine(fairway.project.path, fairway.data, ...words);

test("of a daemon that was killed, router, replicas and database are ended by down", async () => {
  await fairway.kill("SIGKILL");
  expect((await ask(fairway, "web.staging.localhost")).release).toBe("r1");
  // Who wants to keep them has nothing to end.
  expect((await fairwayCommand("down", "--keep-services")).code).toBe(2);
  const { code, out } = await fairwayCommand("down");
  expect([code, out]).toEqual([
    0,
    "no daemon ran; ended what one that was killed had left: its router, 1 replica, its database\n",
  ]);
  await until(() => processesOf(fairway.place).length === 0, "everything has ended");
  await assertRefused(`${fairway.router.host}:${fairway.router.port}`);
});

test("then there is nothing to end, and no advice to start something for it", async () => {
  const { code, err } = await fairwayCommand("down");
  expect(code).toBe(2);
  expect(err).toContain("daemon_not_running");
  expect(err).not.toContain("fairway up");
});

test("the next daemon is started by up as the one before, and nothing is lost", async () => {
  const remembered = JSON.parse((await fairwayCommand("config", "options", "--json")).out) as unknown;
  expect(remembered).toContainEqual({ option: "--router-port", value: "0", from: "fairway up" });
  const { code, out } = await fairwayCommand("up");
  expect([code, out]).toEqual([0, expect.stringContaining("with --port 0 --router-port 0 --internal-port 0")]);
  const status = JSON.parse((await fairwayCommand("status", "--json")).out) as { environments: unknown[] };
  expect(status.environments[0]).toMatchObject({ name: "staging", current: { release: "r1" } });
  expect((await fairwayCommand("up", "--port", "1")).err).toContain("--port cannot be changed");
  expect((await fairwayCommand("down")).code).toBe(0);
});
