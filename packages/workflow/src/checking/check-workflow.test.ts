import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readWorkflow } from "../reading/read-workflow.ts";
import { catalogue } from "./catalogue.ts";
import { canRun, checkWorkflow, checkWorkflowBytes } from "./check-workflow.ts";
import { formatReport } from "./format-report.ts";
import type { FaultRule, WorkflowReport } from "./report.ts";
import { sarifOf } from "./sarif.ts";

const blockbuilders = readFileSync(join(import.meta.dirname, "../../fixtures/blockbuilders/ci-cd.yml"), "utf8");
const nothing = { containers: false, lock: new Map<string, string>() };

function check(text: string, abilities = nothing): WorkflowReport {
  return checkWorkflow(text, "ci.yml", abilities);
}

/** The marks of a file by path. */
function marksOf(text: string, abilities = nothing): Readonly<Record<string, string>> {
  return Object.fromEntries(check(text, abilities).constructs.map(({ path, mark }) => [path, mark]));
}

describe("every construct has a mark", () => {
  test("the file as it stands: as many as it has keys, none rejected, each with its line", () => {
    const { constructs, problems } = check(blockbuilders);
    expect(problems).toEqual([]);
    // Comments apart, every line of this file has exactly one key, so every line has exactly one construct.
    const lines = blockbuilders
      .trimEnd()
      .split("\n")
      .map((_, index) => index + 1);
    expect(constructs.map(({ place }) => place.line)).toEqual(lines);
    expect(constructs.filter(({ mark }) => mark === "rejected")).toEqual([]);
    expect(constructs.every(({ reason }) => reason.length > 5)).toBe(true);
  });

  test("what cannot be done here is rejected, and then the workflow cannot run", () => {
    const text = `on: push
jobs:
  a:
    runs-on: windows-latest
    container: node:20
    snapshot: x
    steps: [{ run: dir, shell: cmd }, { uses: "docker://alpine:3" }]
`;
    expect(marksOf(text)).toMatchObject({
      "jobs.a.runs-on": "rejected",
      "jobs.a.container": "rejected",
      "jobs.a.snapshot": "rejected",
      "jobs.a.steps[0].shell": "rejected",
      "jobs.a.steps[1].uses": "rejected",
    });
    expect(canRun(check(text))).toBe(false);
    expect(marksOf(text, { ...nothing, containers: true })).toMatchObject({
      "jobs.a.container": "emulated",
      "jobs.a.steps[1].uses": "emulated",
    });
  });

  test("what a container engine is not given is rejected with its name", () => {
    const text = `on: push
jobs:
  a:
    runs-on: x
    container: { image: node:20, options: --cpus 1 }
    services:
      db: { image: postgres:17, options: --link other, command: psql }
    steps: [{ run: echo }]
`;
    const { constructs } = check(text, { ...nothing, containers: true });
    const rejected = constructs.filter(({ mark }) => mark === "rejected");
    expect(rejected.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      expect.stringContaining('jobs.a.services.db.options: the option "--link" is not carried over'),
      "jobs.a.services.db.command: the image's own is run",
    ]);
  });

  test("events come in from a forge or are asked for, and one that starts nothing here has no effect, in all three forms of on", () => {
    const jobs = "jobs: { a: { runs-on: x, steps: [{ run: echo }] } }";
    const target = "pull_request_target";
    expect(marksOf(`on: ${target}\n${jobs}`)).toMatchObject({ [`on.${target}`]: "no-effect" });
    for (const on of [`[push, fork, ${target}]`, `{ push: , fork: , ${target}: }`])
      expect(marksOf(`on: ${on}\n${jobs}`)).toMatchObject({
        "on.push": "emulated",
        "on.fork": "emulated",
        [`on.${target}`]: "no-effect",
      });
    expect(marksOf(`on: { schedule: [{ cron: "0 2 * * *", timezone: Europe/Berlin }] }\n${jobs}`)).toMatchObject({
      "on.schedule": "emulated",
      "on.schedule[0].cron": "emulated",
      "on.schedule[0].timezone": "emulated",
    });
  });

  test("a permission of GitHub's token has no effect, that to say who the job is does", () => {
    const text = `on: push\npermissions: { id-token: write, issues: write }\njobs: { a: { runs-on: x, steps: [{ run: echo }] } }`;
    expect(marksOf(text)).toMatchObject({ "permissions.id-token": "enforced", "permissions.issues": "no-effect" });
  });

  test("GitHub's own token is told wherever it is asked for", () => {
    const text = `on: push\njobs: { a: { runs-on: x, steps: [{ run: "curl -H \${{ github.token }}", env: { T: "\${{ secrets.GITHUB_TOKEN }}" } }] } }\n`;
    expect(marksOf(text)).toMatchObject({
      "jobs.a.steps[0].run: github.token": "no-effect",
      "jobs.a.steps[0].env.T: secrets.GITHUB_TOKEN": "no-effect",
    });
  });

  test("a file with problems still shows what is known of it, and cannot run", () => {
    const report = check("on: push\njobs:\n  a: { runs-on: x, colour: red, steps: [{ run: echo }] }\n");
    expect(report.problems.map(({ message }) => message)).toEqual(["Unexpected value 'colour'"]);
    expect(report.constructs.length).toBeGreaterThan(3);
    expect(canRun(report)).toBe(false);
  });

  test("a file that is no text is told as such", () => {
    const { problems } = checkWorkflowBytes(Uint8Array.of(0xff, 0xfe, 0), "ci.yml", nothing);
    expect(problems).toMatchObject([{ message: "the file is not UTF-8 text", place: { line: 1, column: 1 } }]);
  });

  test("no line of the catalogue is there twice", () => {
    const patterns = catalogue.map(({ pattern }) => pattern);
    expect(patterns.filter((pattern, index) => patterns.indexOf(pattern) !== index)).toEqual([]);
  });
});

describe("faults that GitHub accepts are told with their line", () => {
  test("those of a real product's workflow", () => {
    const { faults } = check(blockbuilders);
    const told = faults.map(({ rule, place }) => `${rule} ${place.line}`);
    expect(told.filter((fault) => !fault.startsWith("action-pinned-by-tag"))).toEqual([
      "branch-deploys-nothing 4",
      "installed-never-tested 20",
      "poetry-at-the-root 21",
      "deploy-without-approval 22",
      "no-concurrency-group 22",
      "deploys-without-order 22",
      "built-again-to-deploy 28",
      "vercel-preview-only 28",
      "deploy-without-approval 33",
      "no-migrations 33",
      "oidc-without-permission 39",
      "built-again-to-deploy 43",
    ]);
    expect(told.filter((fault) => fault.startsWith("action-pinned-by-tag"))).toHaveLength(7);
  });

  test("and a workflow that has mended them all is told nothing", () => {
    const text = `on: { push: { tags: ["v*"] } }
permissions: { id-token: write, contents: read }
concurrency: deploys
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: poetry install --directory apps/api
      - { run: poetry run pytest, working-directory: apps/api }
  deploy-api:
    needs: test
    environment: production
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@0123456789012345678901234567890123456789
      - uses: aws-actions/configure-aws-credentials@0123456789012345678901234567890123456789
        with: { role-to-assume: x }
      - run: alembic upgrade head && ./deploy.sh
`;
    expect(check(text).faults).toEqual([]);
  });

  test("a workflow that deploys nothing is not told how to deploy", () => {
    const text = `on: push\njobs: { test: { runs-on: x, steps: [{ run: npm test }] } }\n`;
    expect(check(text).faults).toEqual([]);
  });
});

describe("a patch", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fairway-patch-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const patched = check(blockbuilders).faults.filter(({ patch }) => patch !== undefined);

  test("is there for every kind of fault that one change mends", () => {
    const rules: readonly FaultRule[] = [
      "branch-deploys-nothing",
      "deploy-without-approval",
      "deploys-without-order",
      "installed-never-tested",
      "no-concurrency-group",
      "oidc-without-permission",
      "poetry-at-the-root",
      "vercel-preview-only",
    ];
    expect([...new Set(patched.map(({ rule }) => rule))].sort()).toEqual(rules);
  });

  test.each(patched.map((fault) => [`${fault.rule} in line ${fault.place.line}`, fault] as const))(
    "for %s applies with git, and the fault is gone",
    (_, { rule, patch = "" }) => {
      const file = join(folder, "ci.yml");
      writeFileSync(file, blockbuilders);
      // Without a repository around it: git would look for the file in that one's index.
      const env = { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
      execFileSync("git", ["apply", "--verbose", "-"], {
        cwd: folder,
        input: patch,
        env,
        stdio: ["pipe", "ignore", "ignore"],
      });
      const mended = readFileSync(file, "utf8");
      expect(readWorkflow(mended, "ci.yml")).toHaveProperty("workflow");
      const count = (text: string): number => check(text).faults.filter((fault) => fault.rule === rule).length;
      expect(count(mended)).toBe(count(blockbuilders) - 1);
    },
  );

  test("pins an action when the lock has its commit, and then the action can be fetched", () => {
    const sha = "0123456789012345678901234567890123456789";
    const text = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: some/action@v1\n";
    const path = "jobs.a.steps[0].uses";
    expect(marksOf(text)).toMatchObject({ [path]: "rejected" });
    const report = check(text, { ...nothing, lock: new Map([["some/action@v1", sha]]) });
    expect(report.constructs.find((construct) => construct.path === path)?.mark).toBe("enforced");
    expect(report.faults[0]?.patch).toContain(`+      - uses: some/action@${sha} # v1\n`);
  });

  test("is left out where lines cannot be changed alone", () => {
    const text = `on: push\njobs: { deploy: { runs-on: x, steps: [{ run: ./deploy.sh }] } }\n`;
    const fault = check(text).faults.find(({ rule }) => rule === "deploy-without-approval");
    expect(fault).toBeDefined();
    expect(fault?.patch).toBeUndefined();
  });
});

describe("a report is written", () => {
  const report = check(blockbuilders);

  test("as text, with places, hints, patches and counts", () => {
    const text = formatReport(report);
    expect(text).toContain(
      "ci.yml:28:15: vercel-action without `--prod` deploys a preview, not production [vercel-preview-only]",
    );
    expect(text).toContain("    +          vercel-args: --prod");
    expect(text).toMatch(/^9:9 +\w+ +jobs\.build-test\.steps\[0\]\.uses/mu);
    expect(text.split("\n").at(-1)).toMatch(/^44 constructs: .*; 0 problems, 19 faults$/u);
  });

  test("as SARIF, in which every result has a rule that is described and a region", () => {
    const log = sarifOf([report, check("on: push\n")]);
    const [run] = log.runs;
    const known = new Set(run?.tool.driver.rules.map(({ id }) => id));
    expect(run?.results.filter(({ ruleId }) => !known.has(ruleId))).toEqual([]);
    expect(run?.results).toHaveLength(report.constructs.length + report.faults.length + 3);
    expect(run?.results[0]).toMatchObject({
      kind: "fail",
      level: "warning",
      locations: [
        { physicalLocation: { artifactLocation: { uri: "ci.yml" }, region: { startLine: 4, startColumn: 5 } } },
      ],
    });
    // Anything but "fail" must have no level, says the standard (3.27.10).
    expect(run?.results.filter(({ kind, level }) => kind !== "fail" && level !== "none")).toEqual([]);
  });
});
