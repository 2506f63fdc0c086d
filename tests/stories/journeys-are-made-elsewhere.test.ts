import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needs } from "../../tools/skips.ts";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { isAlive } from "./support/leak-guard.ts";
import { assertEnded, reasonsOf } from "./support/watch-run.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";

const program = join(import.meta.dirname, "../../apps/cli/bin/fairway.mjs");
const hasBrowser = needs("chromium");
let fairway: Fairway;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  fairway = await openFairway({
    "web/server.mjs": tinyService(),
    "tests/front.yaml": "steps:\n  - { name: open, get: '{{WEB_URL}}/', expect: { json: { says: hello } } }\n",
    "tests/odd.yaml":
      "steps:\n  - { name: odd, get: '{{WEB_URL}}/', expect: { contains: '{{WORD}} {{FAIRWAY_LOCATION}}' } }\n",
    "tests/stuck.mjs": `import { readdirSync, readFileSync, writeFileSync } from "node:fs";
const statOf = (pid) => readFileSync("/proc/" + pid + "/stat", "utf8").split(") ")[1].split(" ");
const parentOf = (pid) => statOf(pid)[1];
const found = (parent) => readdirSync("/proc").filter((pid) => /^[0-9]+$/.test(pid)).flatMap((pid) => {
  try { return parentOf(pid) === String(parent) ? [Number(pid), ...found(pid)] : []; } catch { return []; }
});
export const steps = [{ name: "hang", run: async ({ page, variables }) => {
  await page.goto("about:blank");
  writeFileSync(variables.PIDS, JSON.stringify([process.pid, ...found(process.pid)].map((pid) => [pid, statOf(pid)[19]])));
  for (;;);
} }];
`,
    ...configFile({
      name: "shop",
      services: { web: tinyConfig() },
      environments: {
        staging: {
          deploys: "automatically",
          bake: "1s",
          synthetics: {
            front: { journey: "tests/front.yaml", every: "3s", locations: ["frankfurt", "tokyo"] },
            ...(hasBrowser
              ? {
                  stuck: {
                    journey: "tests/stuck.mjs",
                    timeout: "5s",
                    locations: ["tokyo"],
                    env: { PIDS: { secret: "PIDS" } },
                  },
                }
              : {}),
            odd: { journey: "tests/odd.yaml", locations: ["tokyo"], env: { WORD: { secret: "WORD" } } },
          },
        },
      },
    }),
  });
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => ended(worker, "SIGKILL")));
  await fairway?.end();
});

function startWorker(location: string): ChildProcess {
  const worker = spawn(
    process.execPath,
    [program, "--data", fairway.data, "worker", location, "--name", `at-${location}`],
    {
      cwd: fairway.project.path,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  workers.push(worker);
  return worker;
}

/** Ends a worker and answers with how it ended. */
async function ended(worker: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (worker.exitCode !== null || worker.signalCode !== null) return worker.exitCode;
  const gone = once(worker, "exit") as Promise<[number | null]>;
  worker.kill(signal);
  return (await gone)[0];
}

const pids = (): string => join(fairway.place, "pids.json");

/** What the kernel says of a process; the 20th here is when it began, by which it is told from a later one of its number. */
const statOf = (pid: number): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  } catch {
    return []; // It has just ended.
  }
};

interface Finished {
  readonly id: number;
  readonly name: string;
  readonly location: string;
  readonly occasion: string;
}

/** The results of what was due that are newer than one, until each of these journeys was made at its place. */
async function untilMade(newerThan: number, ...wanted: readonly string[]): Promise<readonly Finished[]> {
  const leave = new AbortController();
  const found: Finished[] = [];
  try {
    for await (const { kind, body } of fairway.client.stream("events", { after: 0 }, leave.signal)) {
      const result = body as unknown as Finished;
      if (kind !== "check.finished" || result.occasion !== "schedule" || result.id <= newerThan) continue;
      found.push(result);
      if (wanted.every((one) => found.some(({ name, location }) => `${name} ${location}` === one))) break;
    }
  } finally {
    leave.abort();
  }
  return found;
}

test("each place's journeys are made by the worker that is there, and by nobody else", async () => {
  await fairway.client.call("setSecret", { name: "WORD", environment: "staging", value: "sesame-31415", by });
  // No secret, but known only now.
  await fairway.client.call("setSecret", { name: "PIDS", environment: "staging", value: pids(), by });
  const released = await fairway.release();
  assertEnded(released, "succeeded");
  // Nobody is anywhere yet: no place is waited for, and each is told of.
  const baked = await fairway.client.call("checkResults", { run: released.id, occasion: "bake", limit: 50 });
  expect(new Set(baked.map(({ name, location, status }) => `${name} ${location} ${status}`))).toContain(
    "front tokyo no-data",
  );
  expect(released.jobs.find(({ name }) => name === "bake")?.message).toMatch(/front from tokyo: nobody made it/u);
  startWorker("frankfurt");
  const first = await untilMade(0, "front frankfurt");
  expect(first.map(({ location }) => location)).not.toContain("tokyo");
  startWorker("tokyo");
  const all = await untilMade(0, "front frankfurt", "front tokyo", "odd tokyo");
  const odd = all.find(({ name }) => name === "odd");
  const whole = await fairway.client.call("checkResult", { result: odd?.id ?? 0 });
  expect(whole).toMatchObject({ release: "r1", location: "tokyo", status: "failed", occasion: "schedule" });
  // What is hidden was hidden before it left the worker.
  expect(whole.tests[0]?.message).toContain("tokyo");
  expect(whole.tests[0]?.exchange).toContain("HTTP 200");
  expect(JSON.stringify(whole)).not.toContain("sesame-31415");
  const listed = await commandLine(fairway.project.path, fairway.data, "checks", "workers");
  expect(listed.out).toMatch(/frankfurt +at-frankfurt[\s\S]*tokyo +at-tokyo/u);
});

test.skipIf(!hasBrowser)("a journey that hangs is ended with its browser, and nothing is left", async () => {
  const made = await untilMade(0, "stuck tokyo");
  const id = made.find(({ name }) => name === "stuck")?.id ?? 0;
  const stuck = await fairway.client.call("checkResult", { result: id });
  expect(stuck).toMatchObject({ status: "failed", summary: expect.stringContaining("it took longer than 5 s") });
  // On a machine that is slow beyond measure it did not get so far.
  const started = existsSync(pids()) ? (JSON.parse(readFileSync(pids(), "utf8")) as readonly [number, string][]) : [];
  expect(started.filter(([pid, since]) => isAlive(pid) && statOf(pid)[19] === since)).toEqual([]);
});

test("a worker that dies leaves the others at work, and one that is told to end ends well", async () => {
  const [frankfurt, tokyo] = workers;
  if (frankfurt === undefined || tokyo === undefined) throw new Error("there are no workers");
  await ended(frankfurt, "SIGKILL");
  const [newest] = await fairway.client.call("checkResults", { limit: 1 });
  // What frankfurt sent with its last breath may be written down only now, and before what tokyo begins later.
  const after = await untilMade(newest?.id ?? 0, "front tokyo");
  const later = await untilMade(after.at(-1)?.id ?? 0, "front tokyo");
  expect(later.map(({ location }) => location)).not.toContain("frankfurt");
  expect(await ended(tokyo, "SIGTERM")).toBe(0);
});

test("a release that fails its journeys from one place alone goes back", async () => {
  startWorker("frankfurt");
  const sha = await fairway.project.commit("Say goodbye", { "web/server.mjs": tinyService({ says: "goodbye" }) });
  const bad = await fairway.release(sha);
  assertEnded(bad, "failed");
  expect(reasonsOf(bad)).toContain("the journey front failed 2 times in a row from frankfurt");
  const results = await fairway.client.call("checkResults", { run: bad.id, occasion: "bake", limit: 50 });
  expect(results.filter(({ location, status }) => location === "frankfurt" && status === "failed")).toHaveLength(2);
  expect(await fairway.replicas("staging", "web")).toMatchObject([{ release: "r1", state: "ready" }]);
});
