import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { isAlive, processesOf, until } from "./support/leak-guard.ts";
import { ask } from "./support/requests.ts";
import type { Behaviour } from "./support/tiny-service.ts";
import { tinyService, webProject } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf } from "./support/watch-run.ts";

let fairway: Fairway;
const host = "web.staging.localhost";

/** Times so short that a test need not wait; one failed replica is enough to say no. */
const strict = {
  service: {
    health: { path: "/healthz", startWithin: "1500ms", interval: "100ms" },
    stop: { drain: "500ms", grace: "300ms" },
    strategy: { rolling: { breakerThreshold: 1 } },
  },
};

const ship = (message: string, behaviour: Behaviour) => fairway.ship(message, webProject(behaviour, strict));

beforeAll(async () => {
  fairway = await openFairway(webProject({ says: "good" }, strict));
  assertEnded(await fairway.release(), "succeeded");
});

afterEach(() => fairway.assertHealthy());

afterAll(() => fairway?.end());

test("a service that never listens is stopped, and the one before goes on", async () => {
  const deployed = await ship("Never listen", { listensOnce: "/nowhere" });
  assertEnded(deployed, "failed");
  expect(reasonsOf(deployed)).toMatch(/does not listen on 127\.0\.0\.1:\d+/);
  expect(await ask(fairway, host)).toMatchObject({ says: "good" });
});

test("a service that listens elsewhere is told about PORT", async () => {
  const deployed = await ship("Listen elsewhere", {
    first: 'createServer().listen(0, "127.0.0.1");',
    listensOnce: "/nowhere",
  });
  assertEnded(deployed, "failed");
  expect(reasonsOf(deployed)).toMatch(/it listens on port \d+ and should listen on PORT/);
});

test("a service that listens late, but in time, is taken", async () => {
  assertEnded(
    await ship("Listen late", { says: "late", first: "await new Promise((resolve) => setTimeout(resolve, 400));" }),
    "succeeded",
  );
  expect(await ask(fairway, host)).toMatchObject({ says: "late" });
});

test("a service that cannot even be started is stopped by the name of its command", async () => {
  const deployed = await fairway.ship(
    "Run nothing",
    webProject({}, { service: { ...strict.service, run: "no-such-program --serve" } }),
  );
  assertEnded(deployed, "failed");
  expect(reasonsOf(deployed)).toContain('the command "no-such-program" was not found in PATH');
  expect(await ask(fairway, host)).toMatchObject({ says: "late" });
});

test("a service that crashes after it was well is started again and again, and the next commit repairs it", async () => {
  // What its environment allows before it dies lets it pass as well; it is the keeper's from then on.
  await ship("Crash soon", { says: "crashing", first: "setTimeout(() => process.exit(9), 900);" });
  await fairway.assertHealthy();
  assertEnded(await ship("Stay", { says: "repaired" }), "succeeded");
  expect(await ask(fairway, host)).toMatchObject({ says: "repaired" });
});

test("a service that ignores SIGTERM is replaced all the same, and its process is gone", async () => {
  assertEnded(await ship("Be stubborn", { says: "stubborn", ignoresSigterm: true }), "succeeded");
  const { pid } = await ask(fairway, host);
  assertEnded(await ship("Be polite", { says: "polite" }), "succeeded");
  expect(isAlive(pid)).toBe(false);
});

test("what a service forks away ends with it", async () => {
  const forks = `import { spawn } from "node:child_process";\n${tinyService({ says: "forking" })}\nspawn("sleep", ["1234"], { detached: true, stdio: "ignore" }).unref();\n`;
  assertEnded(await fairway.ship("Fork", { ...webProject({}, strict), "web/server.mjs": forks }), "succeeded");
  const sleeping = () => processesOf(fairway.place).filter(({ command }) => command === "sleep 1234");
  expect(sleeping()).toHaveLength(1);
  assertEnded(await ship("Do not fork", { says: "alone" }), "succeeded");
  expect(sleeping()).toEqual([]);
});

test("a service that floods its log is cut short on the disk, and can be replaced", async () => {
  const flood = 'const line = "x".repeat(1023) + "\\n"; setInterval(() => process.stdout.write(line.repeat(256)), 5);';
  assertEnded(await ship("Flood", { says: "flooding", first: flood }), "succeeded");
  await until(() => bytesOfLogs() > 20_000_000, "20 MB are written, or were", 5_000).catch(() => undefined);
  await fairway.assertHealthy();
  assertEnded(await ship("Be quiet", { says: "quiet" }), "succeeded");
  expect(await ask(fairway, host)).toMatchObject({ says: "quiet" });
  expect(bytesOfLogs()).toBeLessThan(200_000_000);
});

/** What the logs of all replicas take on the disk. */
const bytesOfLogs = (): number =>
  readdirSync(join(fairway.data, "replicas"), { recursive: true, encoding: "utf8" })
    .filter((file) => /(^|\/)log(\.|$)/.test(file))
    .reduce(
      (sum, file) => sum + (statSync(join(fairway.data, "replicas", file), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
