import { expect, test } from "vitest";
import { checkWorkflow } from "../checking/check-workflow.ts";
import { formatProblem } from "../model/place.ts";
import { readWorkflow } from "../reading/read-workflow.ts";
import { planRefusals, type RunAbilities } from "./plan-refusals.ts";
import { planWorkflow } from "./plan-workflow.ts";

const nothing: RunAbilities = { containers: false, lock: new Map() };

/** Everything that keeps a workflow from starting, one line each. */
async function refusals(text: string, able = nothing): Promise<readonly string[]> {
  const reading = readWorkflow(text, "ci.yml");
  if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
  const planned = await planWorkflow(reading.workflow, { files: () => Promise.resolve(undefined) });
  const problems = "problems" in planned ? planned.problems : planRefusals(planned.plan, able);
  return problems.map(formatProblem);
}

const job = (text: string): string => `on: push\njobs:\n  a: { ${text} }\n`;
const steps = "steps: [{ run: echo }]";

test.each([
  ["another system", job(`runs-on: windows-latest, ${steps}`), "this machine runs Linux, not windows-latest"],
  ["one of several labels", job(`runs-on: [self-hosted, macos], ${steps}`), "this machine runs Linux, not macos"],
  ["an image of a runner", job(`runs-on: x, snapshot: y, ${steps}`), "there is no image of a runner to take"],
  ["a shell of Windows", job("runs-on: x, steps: [{ run: dir, shell: cmd }]"), "there is no cmd on Linux"],
  [
    "such a shell as the default",
    job(`runs-on: x, defaults: { run: { shell: powershell } }, ${steps}`),
    "there is no powershell on Linux",
  ],
  [
    "a workflow of another repository",
    job("uses: o/r/.github/workflows/x.yml@v1"),
    "workflows of other repositories are not fetched",
  ],
  [
    "a container without an engine",
    job(`runs-on: x, container: "node:20", ${steps}`),
    "no container engine is configured",
  ],
  [
    "an action that is not locked",
    job("runs-on: x, steps: [{ uses: some/action@v1 }]"),
    "some/action@v1 is neither built in nor locked",
  ],
])("%s is refused with its line before anything starts, and the checker says the same", async (_, text, words) => {
  const [first = ""] = await refusals(text);
  expect(first).toMatch(/^ci\.yml:3:\d+: /u);
  expect(first).toContain(words);
  expect(checkWorkflow(text, "ci.yml", nothing).constructs.map(({ mark }) => mark)).toContain("rejected");
});

test("what is there is not refused", async () => {
  const lock = new Map([["some/action@v1", "0123456789012345678901234567890123456789"]]);
  const text = job(
    `runs-on: x, container: "node:20", steps: [{ uses: Some/Action@v1 }, { uses: ./mine }, { uses: actions/checkout@v4 }]`,
  );
  expect(await refusals(text, { containers: true, lock })).toEqual([]);
  expect(await refusals(text)).toHaveLength(2);
});
