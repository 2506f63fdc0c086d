import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import { runningCommands } from "../commands/running-commands.ts";
import { attemptIn, type Recorded } from "../runs/attempt.ts";
import type { Attempt, Outcome } from "../runs/stage.ts";
import { workflowJobStage } from "./decide-jobs.ts";
import { Life, watchLives } from "../testing/lives.ts";
import { workflowsUnderTest, type WorkflowsUnderTest } from "./testing/workflow-under-test.ts";
import { workflowJob, type WorkflowParts } from "./workflow-job.ts";

/** Writes down that it begins and ends, outside of the job's folder, and leaves something of each kind. */
const workflow = `
on: push
jobs:
  count:
    runs-on: ubuntu-latest
    outputs:
      count: \${{ env.COUNT }}
      said: \${{ steps.only.outputs.said }}
    env:
      COUNT: 0
    steps:
      - id: only
        run: |
          echo begin >> "$GITHUB_WORKSPACE/../../../../ledger"
          echo "COUNT=$((COUNT + 1))" >> "$GITHUB_ENV"
          echo "said=well" >> "$GITHUB_OUTPUT"
          echo "summary" >> "$GITHUB_STEP_SUMMARY"
          echo end >> "$GITHUB_WORKSPACE/../../../../ledger"
`;

/**
 * Where what the step does, says and leaves could be lost or doubled; what is before one point is after another. At every
 * point, also of what people see and of folders that are made, it is killed when this is set.
 */
const points =
  process.env["FAIRWAY_KILL_POINTS"] === "all"
    ? /./
    : /record|spawn|^within|^after .*(\/temp\/(\*|.*set_env)|state\/(plan|finished)|count\.new)/;

type MakeStage = typeof workflowJob;
let workflows: WorkflowsUnderTest;
let parts: WorkflowParts;
let given: Pick<Attempt, "id" | "run" | "job" | "input">;
let root: string;
let unwatch: () => void;
/** The code a second time, as another process has it: nothing of the first is in its memory. */
let another: MakeStage;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-killed-"));
  let claimed: (attempt: Attempt) => void;
  const first = new Promise<Attempt>((resolve) => (claimed = resolve));
  workflows = await workflowsUnderTest((found) => {
    parts = found;
    return {
      name: workflowJobStage,
      async run(attempt) {
        claimed(attempt);
        return { outcome: "succeeded", result: null };
      },
    };
  });
  workflows.files.set("ci.yml", workflow);
  await workflows.ask("ci.yml");
  const { id, run, job, input } = await first;
  given = { id, run, job, input };
  vi.resetModules();
  ({ workflowJob: another } = await import("./workflow-job.ts"));
  unwatch = await watchLives();
  // The same code is read twice.
}, 120_000);
afterAll(async () => {
  unwatch();
  await workflows.close();
  await rm(root, { recursive: true, force: true });
});

type Records = Map<string, string>;

/** Carries the job out within a life, with what lives before it have recorded. */
async function live(life: Life, make: MakeStage, folder: string, records: Records): Promise<Outcome | "killed"> {
  const attempt = attemptIn({
    ...given,
    results: new Map(),
    signal: new AbortController().signal,
    resumed: records.size > 0,
    record: async (name, work) => {
      const known = records.get(name);
      if (known !== undefined) return JSON.parse(known) as Recorded;
      const text = JSON.stringify(await work());
      if (!life.pass(`before the record of ${name}`)) return new Promise(() => {});
      records.set(name, text);
      return life.pass(`after the record of ${name}`) ? (JSON.parse(text) as Recorded) : new Promise(() => {});
    },
    mayBegin: async () => {},
    token: () => Promise.reject(new Error("a job of a workflow holds nothing")),
    progress: () => {},
    see: () => {},
  });
  const ended = life.within(() => make({ ...parts, data: dataDirectory(folder) }).run(attempt));
  // One that was killed has no end, and what it still says is heard by nobody.
  ended.catch(() => {});
  return Promise.race([life.killed, ended]);
}

/** Kills one life at a point and lets another go on. Answers with what came of it, and whether the point was met. */
async function killedAt(point: string, at: number): Promise<{ readonly met: boolean; readonly came: unknown }> {
  const folder = join(root, String(at));
  const records: Records = new Map();
  const victim = new Life(folder, point);
  const heir = new Life(folder);
  const first = await live(victim, workflowJob, folder, records);
  const outcome = first === "killed" ? await live(heir, another, folder, records) : first;
  const ledger = await readFile(join(folder, "ledger"), "utf8").catch(() => "");
  const left = await runningCommands(join(folder, "steps"));
  await Promise.all([victim.bury(), heir.bury()]);
  return {
    met: first === "killed",
    came: {
      outcome: outcome === "killed" ? outcome : outcome.outcome,
      outputs: outcome === "killed" ? null : ((outcome.result as { outputs?: unknown } | null)?.outputs ?? outcome),
      ledger: ledger.split("\n"),
      left: left.map(({ place }) => place),
    },
  };
}

const asItShould = {
  outcome: "succeeded",
  outputs: { count: "1", said: "well" },
  ledger: ["begin", "end", ""],
  left: [],
};
/** How many jobs are carried out side by side: most of the time they wait for their shells. */
const sideBySide = 8;

test("a job whose daemon is killed at any point goes on, with its step run once and nothing lost of what it left", async () => {
  const whole = new Life(join(root, "whole"));
  await live(whole, workflowJob, join(root, "whole"), new Map());
  await whole.bury();
  const wanted = [...whole.passed].filter((point) => points.test(point));
  const wrong: Record<string, unknown> = {};
  const met: string[] = [];
  const queue = wanted.entries();
  const work = async (): Promise<void> => {
    for (const [at, point] of queue) {
      const found = await killedAt(point, at);
      if (found.met) met.push(point);
      if (!isDeepStrictEqual(found.came, asItShould)) wrong[point] = found.came;
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  expect(wrong).toEqual({});
  // The rest is what a moment more or less decides about: whether there is some output to be copied yet, say.
  expect(met).toEqual(
    expect.arrayContaining([
      "within writeFile /work/run-1/count/temp/*.sh.new",
      "after rename /work/run-1/count/temp/*.sh.new",
      "before spawn",
      "after spawn",
      "before the record of 1",
      "after the record of 1",
    ]),
  );
}, 120_000);
