import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunDetail } from "../runs/engine.ts";
import type { WorkflowsUnderTest } from "./testing/workflow-under-test.ts";
import { workflowsUnderTest } from "./testing/workflow-under-test.ts";

let workflows: WorkflowsUnderTest;
beforeAll(async () => {
  workflows = await workflowsUnderTest();
});
afterAll(() => workflows.close());

const states = (run: RunDetail): Readonly<Record<string, string>> =>
  Object.fromEntries(run.jobs.map((job) => [job.name, job.state]));

describe("a workflow's run", () => {
  test("runs its jobs in the order of their needs, hands outputs on, and unfolds matrices", async () => {
    const run = await workflows.run(`
on: push
jobs:
  list:
    runs-on: ubuntu-latest
    outputs:
      names: \${{ steps.make.outputs.names }}
    steps:
      - id: make
        run: echo 'names=["a","b"]' >> "$GITHUB_OUTPUT"
  each:
    needs: list
    runs-on: ubuntu-latest
    strategy:
      matrix:
        name: \${{ fromJSON(needs.list.outputs.names) }}
    steps:
      - run: echo "hello \${{ matrix.name }} on $GITHUB_REF_NAME"
  never:
    needs: each
    if: github.ref == 'refs/heads/other'
    runs-on: ubuntu-latest
    steps:
      - run: exit 1
  last:
    needs: each
    runs-on: ubuntu-latest
    steps:
      - run: echo "\${{ needs.each.result }}"
`);
    expect(run.state).toBe("succeeded");
    expect(states(run)).toEqual({
      list: "succeeded",
      "each#0": "succeeded",
      "each#1": "succeeded",
      never: "succeeded",
      last: "succeeded",
    });
    expect(run.jobs.find(({ name }) => name === "never")?.message).toContain("skipped");
    expect((await workflows.log(run, "each#1", "1")).at(-1)).toBe("hello b on main");
    expect((await workflows.log(run, "last", "1")).at(-1)).toBe("success");
  });

  test("that failed goes on from the failed step when it is retried, with what the steps before it left", async () => {
    const run = await workflows.run(`
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    outputs:
      made: \${{ steps.one.outputs.made }}
    steps:
      - id: one
        run: |
          echo run >> one.txt
          echo "made=$(wc -l < one.txt)" >> "$GITHUB_OUTPUT"
      - run: test -e ../let-through
        id: two
  after:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: echo "made \${{ needs.build.outputs.made }}"
`);
    expect(states(run)).toEqual({ build: "failed", after: "succeeded" });
    const { mkdir, writeFile } = await import("node:fs/promises");
    await mkdir(workflows.data.workspace(run.id, "build"), { recursive: true });
    await writeFile(`${workflows.data.workspace(run.id, "build")}/let-through`, "");
    await workflows.engine.retry(run.id, "ana");
    const again = await workflows.ended(run.id);
    expect(states(again)).toEqual({ build: "succeeded", after: "succeeded" });
    expect((await workflows.log(again, "after", "1")).at(-1)).toBe("made 1");
  });

  test("is started by no event that it does not listen to, and says why", async () => {
    workflows.files.set("ci.yml", "on: workflow_call\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: 'true'\n");
    const start = await workflows.ask("ci.yml", { event: { name: "push", inputs: {}, payload: null } });
    expect(start).toEqual({ run: null, reason: "the workflow does not listen to push" });
  });
});
