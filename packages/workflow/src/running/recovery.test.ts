import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, FairwayError } from "@fairway/core";
import { afterAll, describe, expect, it } from "vitest";
import { runJob } from "./run-job.ts";
import { Crash, type MemoryHost } from "./testing/memory-host.ts";
import { removeTrials, runTrial, trialHost, trialInstance, trialSurroundings } from "./testing/trial-job.ts";

afterAll(removeTrials);

const job = `
outputs:
  seen: \${{ steps.last.outputs.seen }}
steps:
  - id: first
    run: |
      echo first >> ran
      echo "A=1" >> "$GITHUB_ENV"
      echo "$PWD/tools" >> "$GITHUB_PATH"
      echo "x=2" >> "$GITHUB_OUTPUT"
      echo "::add-mask::hush"
  - run: echo second >> ran
  - id: last
    run: |
      echo third >> ran
      echo "seen=$A \${{ steps.first.outputs.x }} \${PATH%%:*}" >> "$GITHUB_OUTPUT"
`;

/** Runs the job until the host's process is gone. */
async function crashed(kind: "before-record" | "after-record", key: string): Promise<MemoryHost> {
  const host = trialHost({ crash: (at) => at.kind === kind && at.key === key });
  await expect(runJob(trialInstance(job), host, trialSurroundings)).rejects.toBeInstanceOf(Crash);
  return host;
}

async function resumed(before: MemoryHost): Promise<{ readonly host: MemoryHost; readonly seen: unknown }> {
  const host = trialHost({ memory: before.memory, folder: before.folder, startedAt: before.startedAt });
  const end = await runJob(trialInstance(job), host, trialSurroundings);
  expect(end).toMatchObject({ result: "success", steps: [{ key: "1" }, { key: "2" }, { key: "3" }] });
  return { host, seen: end.outputs["seen"] };
}

describe("after a crash", () => {
  it.each([
    ["before-record", "1"],
    ["after-record", "1"],
    ["before-record", "2"],
    ["after-record", "2"],
    ["before-record", "3"],
    ["after-record", "3"],
  ] as const)("%s of step %s each step has run once, and what they left is there", async (kind, key) => {
    const before = await crashed(kind, key);
    const { host, seen } = await resumed(before);
    expect(readFileSync(join(host.folders.workspace, "ran"), "utf8")).toBe("first\nsecond\nthird\n");
    expect(seen).toBe(`1 2 ${host.folders.workspace}/tools`);
    expect(host.masks).toContain("hush");
    expect(host.memory.started).toHaveLength(3);
  });

  it("a step that is still running is waited for, and its files are taken", async () => {
    // The first host starts the process and is gone; the second finds it by its key.
    const before = trialHost({ crash: ({ kind, key }) => kind === "before-record" && key === "1" });
    await expect(runJob(trialInstance(job), before, trialSurroundings)).rejects.toBeInstanceOf(Crash);
    expect(before.memory.records.size).toBe(0);
    const { seen } = await resumed(before);
    expect(seen).toContain("1 2 ");
  });
});

describe("a step whose outcome is lost", () => {
  const lost = new FairwayError("command_failed", "its runner was killed", { retryable: true });

  it("asks for a person, and says what to do", async () => {
    const run = runTrial("steps:\n  - {name: Deploy, run: ./deploy}", { commands: async () => Promise.reject(lost) });
    await expect(run).rejects.toMatchObject({
      code: "needs_attention",
      message: 'nobody knows whether the step "Deploy" took effect: its runner was killed',
      hint: expect.stringContaining("FAIRWAY_SAFE_TO_REPEAT"),
    });
  });

  it("is repeated when it was declared safe", async () => {
    const keys: string[] = [];
    const { end } = await runTrial("steps:\n  - {run: ./deploy, env: {FAIRWAY_SAFE_TO_REPEAT: true}}", {
      commands: async ({ key }) => {
        keys.push(key);
        return keys.length === 1 ? Promise.reject(lost) : { ended: "exited", code: 0 };
      },
    });
    expect(end.result).toBe("success");
    expect(keys).toEqual(["1", "1~2"]);
  });

  it("is not repeated for ever", async () => {
    const run = runTrial("steps:\n  - {run: ./deploy, env: {FAIRWAY_SAFE_TO_REPEAT: true}}", {
      commands: async () => Promise.reject(lost),
    });
    await expect(run).rejects.toMatchObject({ code: "needs_attention" });
  });
});

describe("what the host throws", () => {
  it("ends the attempt and fails no step, so that a later one goes on", async () => {
    const gone = new FairwayError("database_unavailable", "the database does not answer", { retryable: true });
    const run = runTrial("steps:\n  - {run: x, continue-on-error: true}", {
      commands: async () => Promise.reject(gone),
    });
    await expect(run).rejects.toSatisfy((thrown) => codeOf(thrown) === "database_unavailable");
  });

  it("fails the step when a program cannot be started", async () => {
    const failed = new FairwayError("command_failed", "could not start bash: permission denied");
    const { end, host } = await runTrial("steps:\n  - run: x", { commands: async () => Promise.reject(failed) });
    expect(end.result).toBe("failure");
    expect(host.text()).toContain("##[error]could not start bash: permission denied");
  });
});

it("a job that is retried from a step keeps what was before it", async () => {
  const failing = job.replace("echo second >> ran", "echo second >> ran; test -e fixed");
  const first = trialHost();
  const once = await runJob(trialInstance(failing), first, trialSurroundings);
  expect(once.steps.map(({ conclusion }) => conclusion)).toEqual(["success", "failure", "skipped"]);
  const again = trialHost({ memory: first.memory, folder: first.folder });
  const instance = trialInstance(failing.replace("test -e fixed", "true"));
  const twice = await runJob(instance, again, trialSurroundings, { from: "2", attempt: 2 });
  expect(twice).toMatchObject({ result: "success", outputs: { seen: `1 2 ${first.folders.workspace}/tools` } });
  expect(readFileSync(join(first.folders.workspace, "ran"), "utf8")).toBe("first\nsecond\nsecond\nthird\n");
});
