import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { State } from "@fairway/core";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { completionScript } from "./commands/completion.ts";
import type { Answers, DaemonStandIn } from "./testing/daemon-stand-in.ts";
import { standInForDaemon } from "./testing/daemon-stand-in.ts";
import { runCli } from "./testing/run-cli.ts";
import { aPlan, actedOn, aRun, aStatus, hostile } from "./testing/shapes.ts";

const empty = mkdtempSync(join(tmpdir(), "fairway-cli-"));
afterAll(() => rmSync(empty, { recursive: true }));

const daemons: DaemonStandIn[] = [];
async function daemon(answers: Answers): Promise<DaemonStandIn> {
  const made = await standInForDaemon(answers);
  daemons.push(made);
  return made;
}
afterEach(() => Promise.all(daemons.splice(0).map((one) => one.close())));

const production = { ...aRun(), kind: "deployment" as const, environment: "production", release: "r2" };
const asking = {
  ...production,
  state: "waiting" as const,
  approval: {
    digest: aPlan().digest,
    needed: 1,
    given: [],
    until: "one more person approves",
    step: null,
    infrastructure: null,
  },
};
const approvalThatDiffers = {
  run: "run-17",
  title: production.title,
  kind: "deployment",
  environment: "production",
  requestedBy: "ben",
  ...asking.approval,
  from: [],
  notFrom: [],
  you: { may: true, reason: null },
  voids: [],
  plan: aPlan(),
  changes: null,
  now: { differences: ["web: 2 replicas, 3 before"], problem: null },
} as const;

describe("the exit code says how it went", () => {
  test.each([
    ["succeeded", 0],
    ["failed", 1],
    ["aborted", 1],
    ["errored", 2],
  ] satisfies [State, number][])("a run that %s: %i", async (state, code) => {
    const { dataDirectory } = await daemon({ "GET /api/v1/runs/run-17": aRun({ state }) });
    expect((await runCli(["--data", dataDirectory, "run", "watch", "run-17"])).code).toBe(code);
  });

  test("a run that waits for a person: 3, with what the person can do", async () => {
    const { dataDirectory } = await daemon({ "GET /api/v1/runs/run-17": asking });
    const { code, stdout } = await runCli(["--data", dataDirectory, "run", "watch", "run-17"]);
    expect(code).toBe(3);
    expect(stdout).toContain("→ one more person approves: fairway approve run-17");
  });

  test("words that make no sense: 1; no daemon: 2", async () => {
    const [unknown, away] = await Promise.all([runCli(["relase"]), runCli(["--data", empty, "status"])]);
    expect(unknown).toMatchObject({ code: 1, stdout: "" });
    expect(unknown.stderr).toContain("did you mean release?");
    expect(away).toMatchObject({ code: 2, stdout: "" });
    expect(away.stderr).toContain("→ start it with: fairway up");
  });

  test("help is no failure, with or without words", async () => {
    for (const words of [[], ["help", "deploy"], ["--version"]]) {
      const { code, stdout, stderr } = await runCli(words);
      expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: "" });
      expect(stdout).not.toBe("");
    }
  });
});

describe("--json", () => {
  test("tells every refusal as JSON on standard output", async () => {
    const refused = await Promise.all([
      runCli(["--json", "relase"]),
      runCli(["status", "--json", "--data", empty]),
      runCli(["lock", "--json", "--data", empty]),
    ]);
    const codes = refused.map(({ stdout }) => (JSON.parse(stdout) as { error: { code: string } }).error.code);
    expect(codes).toEqual(["bad_request", "daemon_not_running", "bad_request"]);
    expect(refused.map(({ stderr }) => stderr)).toEqual(["", "", ""]);
  });

  test("tells what the API told", async () => {
    const { dataDirectory } = await daemon({ "GET /api/v1/status": aStatus() });
    const { stdout } = await runCli(["--data", dataDirectory, "--json", "status"]);
    expect(JSON.parse(stdout)).toEqual(aStatus());
  });

  test("asks nobody", async () => {
    const { dataDirectory, changes } = await daemon({
      "GET /api/v1/runs/run-17": asking,
      "GET /api/v1/environments/production/plan": aPlan(),
    });
    const { code, stdout } = await runCli(["--data", dataDirectory, "--json", "approve", "run-17"]);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "bad_request", hint: "answer beforehand with --yes" } });
    expect({ code, changes }).toEqual({ code: 1, changes: [] });
  });
});

describe("approve", () => {
  const answers = {
    "GET /api/v1/runs/run-17": asking,
    "GET /api/v1/environments/production/plan": aPlan(),
    "POST /api/v1/runs/run-17/approval": { ...production, state: "running", approval: null },
  };

  test.each([
    [[], "yes"],
    [["--no"], "no"],
    [["--note", "--no"], "yes"],
  ])("with %j says %s, to the plan that was shown", async (words, answer) => {
    const { dataDirectory, changes } = await daemon(answers);
    const { code, stdout } = await runCli(
      ["--data", dataDirectory, "approve", "run-17", "--yes", "--detach", ...words],
      { FAIRWAY_USER: "ada" },
    );
    expect(code).toBe(0);
    expect(stdout).toContain(aPlan().digest);
    expect(changes).toMatchObject([{ body: { by: "ada", answer, digest: aPlan().digest } }]);
  });

  test("answers what a rollout asks between its steps, with the digest of just that", async () => {
    const step = { service: "web", weight: 10, question: "web: go on from 10 %?" };
    const { dataDirectory, changes } = await daemon({
      ...answers,
      "GET /api/v1/runs/run-17": {
        ...production,
        approval: { digest: "sha256:step", needed: 1, given: [], until: step.question, step, infrastructure: null },
      },
      "GET /api/v1/runs/run-17/analysis": [],
    });
    const words = ["--data", dataDirectory, "approve", "run-17", "--yes", "--detach"];
    const { code, stdout } = await runCli(words, { FAIRWAY_USER: "ada" });
    expect(code).toBe(0);
    expect(stdout).toContain("web: go on from 10 %?");
    expect(changes).toMatchObject([{ body: { by: "ada", answer: "yes", digest: "sha256:step" } }]);
  });

  test("answers nothing when the plan is no longer what was asked about", async () => {
    const changed = {
      ...answers,
      "GET /api/v1/environments/production/plan": aPlan({ digest: "sha256:other" }),
      "GET /api/v1/runs/run-17/approval": approvalThatDiffers,
    };
    const { dataDirectory, changes } = await daemon(changed);
    const { code, stderr } = await runCli(["--data", dataDirectory, "approve", "run-17", "--yes"]);
    expect({ code, changes }).toEqual({ code: 1, changes: [] });
    expect(stderr).toContain("[stale_approval]");
    expect(stderr).toContain("web: 2 replicas, 3 before");
  });
});

describe("what is written", () => {
  const status = aStatus({ active: [aRun({ title: hostile })], problems: [hostile] });

  test("has no escape sequence in a pipe, whatever the daemon says", async () => {
    const { dataDirectory } = await daemon({ "GET /api/v1/status": status });
    const { stdout } = await runCli(["--data", dataDirectory, "status"]);
    expect(stdout).not.toMatch(actedOn);
  });

  test("has colours where they are wanted, and none with NO_COLOR or --no-color", async () => {
    const { dataDirectory } = await daemon({ "GET /api/v1/status": status });
    const words = ["--data", dataDirectory, "status"];
    const [wanted, variable, option] = await Promise.all([
      runCli(words, { FORCE_COLOR: "1" }),
      runCli(words, { FORCE_COLOR: "1", NO_COLOR: "1" }),
      runCli([...words, "--no-color"], { FORCE_COLOR: "1" }),
    ]);
    expect(wanted.stdout).toContain("\u001B[1m");
    expect(variable.stdout + option.stdout).not.toContain("\u001B");
  });
});

// Read by each shell without running anything.
test.for([
  ["bash", ["-n"]],
  ["zsh", ["-f", "-n"]],
  ["fish", ["--no-execute"]],
] as const)("the completion for %s is right in the eyes of the shell", ([shell, flags], { skip }) => {
  if (spawnSync(shell, ["--version"]).error) skip(`there is no ${shell} on this machine`);
  const file = join(empty, `completion.${shell}`);
  writeFileSync(file, completionScript(shell));
  expect(spawnSync(shell, [...flags, file], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});
