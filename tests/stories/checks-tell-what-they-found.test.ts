import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway({});
});

afterAll(() => fairway?.end());

/** Stands in for a linter: it writes what is in `findings.json`, and its exit code is in there too. */
const linter = `import { readFileSync, writeFileSync } from "node:fs";
const { code, results } = JSON.parse(readFileSync("findings.json", "utf8"));
const file = process.argv[process.argv.indexOf("--output-file") + 1];
if (results !== undefined) writeFileSync(file, JSON.stringify(results));
process.exit(code);
`;

interface Findings {
  readonly code: number;
  readonly results?: unknown;
}

const message = (severity: 1 | 2, text: string): object => ({
  ruleId: "no-shop",
  severity,
  message: text,
  line: 3,
  column: 7,
});
const inServer = (...messages: readonly object[]): unknown => [{ filePath: "server.mjs", messages }];

const project = (findings: Findings, passing = true): Files => ({
  "web/server.mjs": tinyService({ says: "web" }),
  "web/lint.mjs": linter,
  "web/findings.json": JSON.stringify(findings),
  "web/test/a.test.mjs": `import test from "node:test";\ntest("is well", () => {\n  if (${!passing}) throw new Error("is not");\n});\n`,
  ...configFile({
    name: "shop",
    services: {
      web: tinyConfig({
        path: "web",
        build: { inputs: ["web"] },
        checks: {
          lint: { command: "node lint.mjs", report: "eslint" },
          test: { command: "node --test test/a.test.mjs", report: "node-test", needs: ["lint"] },
          scan: { command: "a-program-that-nobody-has", requires: ["a-program-that-nobody-has"] },
        },
      }),
    },
    environments: stagingOnly(),
  }),
});

const states = (run: { readonly jobs: readonly { readonly name: string; readonly state: string }[] }): object =>
  Object.fromEntries(run.jobs.filter(({ name }) => name.startsWith("check:")).map(({ name, state }) => [name, state]));

/** The newest run that made, or was to make, a release. */
async function releaseRun(): Promise<string> {
  const runs = await fairway.client.call("runs", {});
  return runs.find(({ kind }) => kind === "release")?.id ?? "";
}

test("a check that says no shows where, and what needs it is not run", async () => {
  const run = await fairway.ship(
    "Lint",
    project({ code: 1, results: inServer(message(1, "so so"), message(2, "not so")) }),
  );
  assertEnded(run, "failed");
  expect(states(run)).toEqual({ "check:web/lint": "failed", "check:web/test": "pending" });
  expect(run.jobs.find(({ name }) => name === "check:web/lint")?.reason).toBe(
    "eslint found 1 error and 1 warning\n" +
      "  web/server.mjs:3:7  error: not so (no-shop)\n  web/server.mjs:3:7  warning: so so (no-shop)",
  );
  const shown = await commandLine(fairway.project.path, fairway.data, "run", "show", run.id);
  expect(shown.out).toContain("web/server.mjs:3:7  warning: so so (no-shop)");
  expect(shown.out).toContain("not run: web/scan: a-program-that-nobody-has not found on this machine");
  const told = await commandLine(fairway.project.path, fairway.data, "run", "show", run.id, "--json");
  expect(JSON.parse(told.out)).toMatchObject({
    checks: {
      results: [
        {
          job: "check:web/lint",
          verdict: "failed",
          errors: 1,
          warnings: 1,
          annotations: [{ file: "web/server.mjs", line: 3, column: 7, severity: "error", rule: "no-shop" }, {}],
        },
      ],
    },
  });
});

test("a linter that crashed, or left no report, has not said no", async () => {
  for (const [findings, why] of [
    [{ code: 2, results: [] }, "it ended with exit code 2, with which eslint says neither yes nor no"],
    [{ code: 1 }, "it ended with exit code 1 and its eslint report cannot be used: the command left none"],
    [
      { code: 0, results: { broken: true } },
      "it ended with exit code 0 and its eslint report cannot be used: the list of files is missing",
    ],
  ] as const) {
    const run = await fairway.ship("Crash", project(findings));
    assertEnded(run, "errored");
    expect(run.jobs.find(({ name }) => name === "check:web/lint")?.reason).toContain(why);
  }
});

test("what was green is skipped when nothing changed, and the run says since when", async () => {
  const warned = { code: 0, results: inServer(message(1, "so so")) };
  // The test fails, so that there is no release and no artifact; the linter was content.
  const first = await fairway.ship("Fail a test", project(warned, false));
  assertEnded(first, "failed");
  expect(states(first)).toEqual({ "check:web/lint": "succeeded", "check:web/test": "failed" });
  const short = await fairway.project.git("rev-parse", "--short", "HEAD");

  const again = await fairway.ship("Change nothing of it", { "README.md": "# Shop\n" });
  assertEnded(again, "failed");
  expect(states(again)).toEqual({ "check:web/test": "failed" });
  const { notRun } = await fairway.client.call("checks", { run: again.id });
  expect(notRun).toContainEqual({
    check: "web/lint",
    why: `nothing changed since ${short}, where it was green (${first.id})`,
  });
});

test("for a tag everything is asked again, and what is built is not built twice", async () => {
  assertEnded(await fairway.ship("Mend it", project({ code: 0, results: inServer(message(1, "so so")) })), "succeeded");
  await fairway.project.git("tag", "v1");
  assertEnded(await fairway.release("v1"), "succeeded");
  const run = await fairway.client.call("run", { run: await releaseRun() });
  expect(run.jobs.map(({ name }) => name)).toEqual(["prepare:web", "check:web/lint", "check:web/test", "release"]);
  const { results } = await fairway.client.call("checks", { run: run.id });
  expect(results).toMatchObject([
    { job: "check:web/lint", verdict: "passed", warnings: 1 },
    { job: "check:web/test", verdict: "passed", summary: "node-test found nothing in 1 test" },
  ]);
  const [newest] = await fairway.client.call("releases", {});
  expect(newest?.parts).toMatchObject([{ service: "web", takenFrom: "r1" }]);
});
