import { rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { restoreData } from "@fairway/server";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { isAlive, until } from "./support/leak-guard.ts";
import { refusal } from "./support/refusal.ts";
import { ask } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;
let backup: string;

beforeAll(async () => {
  fairway = await openFairway(webProject({ says: "one" }));
  backup = join(fairway.place, "backup");
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("a backup is made while the daemon works", async () => {
  const made = await fairway.client.call("backup", { directory: backup });
  expect(made).toMatchObject({ directory: backup });
  expect(made.bytes).toBeGreaterThan(1_000_000);
  const twice = await refusal(fairway.client.call("backup", { directory: backup }));
  expect(twice.message).toContain(backup);
});

test("it is not put back under a daemon that runs", async () => {
  const { code, message } = await refusal(restoreData(backup, fairway.data));
  expect(code).toBe("daemon_running");
  expect(message).toContain(`pid ${fairway.pid}`);
});

test("put back, it is the time of the backup again: its release runs, and what came after is not remembered", async () => {
  assertEnded(await fairway.ship("Say two", webProject({ says: "two" })), "succeeded");
  const { pid } = fairway;
  await fairway.client.call("shutdown", { keepServices: false });
  await until(() => !isAlive(pid), "the daemon has ended", 30_000);
  // As on a new machine: the files of its releases come from the backup too.
  await rename(join(fairway.data, "artifacts"), join(fairway.place, "artifacts-of-before"));
  await restoreData(backup, fairway.data);
  await fairway.start();

  expect((await fairway.client.call("releases", {})).map(({ id }) => id)).toEqual(["r1"]);
  await until(
    async () => (await fairway.replicas()).some(({ release, state }) => `${release} ${state}` === "r1 ready"),
    "r1 runs again",
  );
  await until(
    async () => (await ask(fairway, "web.staging.localhost").catch(() => null))?.says === "one",
    "r1 answers",
  );
  await fairway.assertHealthy();
});

test("and it goes on from there", async () => {
  assertEnded(await fairway.ship("Say three", webProject({ says: "three" })), "succeeded");
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "three", release: "r2" });
});
