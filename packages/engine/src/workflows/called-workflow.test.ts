import { afterAll, beforeAll, expect, test } from "vitest";
import type { WorkflowsUnderTest } from "./testing/workflow-under-test.ts";
import { workflowsUnderTest } from "./testing/workflow-under-test.ts";

let workflows: WorkflowsUnderTest;
beforeAll(async () => {
  workflows = await workflowsUnderTest();
});
afterAll(() => workflows.close());

const called = `
on:
  workflow_call:
    inputs: { place: { type: string, required: true } }
    secrets: { KEY: { required: true } }
    outputs: { url: { value: "\${{ jobs.ship.outputs.url }}" } }
jobs:
  ship:
    runs-on: ubuntu-latest
    outputs: { url: "\${{ steps.s.outputs.url }}" }
    steps:
      - id: s
        env: { KEY: "\${{ secrets.KEY }}", OTHER: "\${{ secrets.OTHER }}" }
        run: |
          test "$KEY" = key-value
          test -z "$OTHER"
          echo "url=https://\${{ inputs.place }}" >> "$GITHUB_OUTPUT"
`;

test("a called workflow gets its inputs, the secrets that it is handed and no others, and gives its outputs back", async () => {
  workflows.secrets.set("workflows", { DEPLOY_KEY: "key-value", OTHER: "other-value" });
  workflows.files.set("called.yml", called);
  const run = await workflows.run(`
on: push
jobs:
  release:
    uses: ./called.yml
    with: { place: oslo }
    secrets: { KEY: "\${{ secrets.DEPLOY_KEY }}" }
  after:
    needs: release
    runs-on: ubuntu-latest
    steps:
      - run: echo "it is at \${{ needs.release.outputs.url }}"
`);
  expect(run.jobs.map(({ name, state }) => [name, state])).toEqual([
    ["release/ship", "succeeded"],
    ["after", "succeeded"],
  ]);
  expect((await workflows.log(run, "after", "1")).at(-1)).toBe("it is at https://oslo");
});

test("what a called workflow needs and cannot get keeps the whole run from starting, with the line", async () => {
  workflows.files.set(
    "needy.yml",
    "on: workflow_call\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: some/action@v1\n",
  );
  workflows.files.set(
    "ci.yml",
    "on: push\njobs:\n  first: { runs-on: x, steps: [{ run: echo }] }\n  call: { uses: ./needy.yml }\n",
  );
  await expect(workflows.ask("ci.yml")).rejects.toMatchObject({
    code: "workflow_invalid",
    problems: [
      expect.stringContaining("./needy.yml:6:15: the action some/action@v1 is neither built in nor locked to a commit"),
    ],
  });
});
