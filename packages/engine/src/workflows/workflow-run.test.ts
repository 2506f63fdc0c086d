import type { RunId } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobIs } from "../runs/engine-for-tests.ts";
import type { RunDetail } from "../runs/engine.ts";
import type { WorkflowsUnderTest } from "./testing/workflow-under-test.ts";
import { resultsOf } from "../store/jobs.ts";
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
    await workflows.engine.retry(run.id, { by: "ana" });
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

const oneJob = (more: string, command = "echo done"): string => `
on: [push, pull_request]
${more}
jobs:
  only:
    runs-on: ubuntu-latest
    steps:
      - run: ${command}
`;

describe("what a run waits for", () => {
  test("an environment's approvals come before its job, and its secrets with it; nobody reads them in the log", async () => {
    workflows.approvals.set("production", 1);
    workflows.secrets.set("workflows", { TOKEN: "of-all", OTHER: "other-value" });
    workflows.secrets.set("production", { TOKEN: "of-production" });
    workflows.files.set(
      "ci.yml",
      `
on: push
jobs:
  deploy:
    environment: production
    runs-on: ubuntu-latest
    env:
      TOKEN: \${{ secrets.TOKEN }}
    steps:
      - run: test "$TOKEN" = of-production && echo "it is $TOKEN and \${{ secrets.OTHER }}"
`,
    );
    const { run } = await workflows.ask("ci.yml");
    if (run === null) throw new Error("it did not start");
    await jobIs(workflows.engine, run, "deploy:approval", "waiting");
    const { gates } = await workflows.engine.run(run);
    await workflows.engine.approve(run, { by: "eva", answer: "yes", digest: gates[0]?.digest ?? "" });
    const ended = await workflows.ended(run);
    expect(states(ended)).toEqual({ "deploy:approval": "succeeded", deploy: "succeeded" });
    const log = await workflows.log(ended, "deploy", "1");
    expect(log.at(-1)).toBe("it is *** and ***");
    expect(log.join("\n")).not.toContain("other-value");
  });

  test("refused, the job did not run and what needs it is skipped", async () => {
    workflows.files.set(
      "ci.yml",
      `
on: push
jobs:
  deploy:
    environment: production
    runs-on: ubuntu-latest
    steps:
      - run: exit 1
  after:
    needs: deploy
    runs-on: ubuntu-latest
    steps:
      - run: exit 1
`,
    );
    const { run } = await workflows.ask("ci.yml");
    if (run === null) throw new Error("it did not start");
    await jobIs(workflows.engine, run, "deploy:approval", "waiting");
    const { gates } = await workflows.engine.run(run);
    await workflows.engine.approve(run, { by: "eva", answer: "no", digest: gates[0]?.digest ?? "", note: "not today" });
    const ended = await workflows.ended(run);
    expect(states(ended)).toMatchObject({ "deploy:approval": "failed", deploy: "aborted", after: "succeeded" });
    expect(ended.state).toBe("failed");
  });

  test("a fork's code waits for somebody to let its commit run, and gets no secrets", async () => {
    workflows.secrets.set("workflows", { TOKEN: "of-all" });
    const payload = {
      pull_request: {
        number: 4,
        head: { repo: { full_name: "eve/shop" } },
        base: { repo: { full_name: "acme/shop" } },
      },
    };
    const event = { name: "pull_request", inputs: {}, payload };
    workflows.files.set("ci.yml", oneJob("", 'test -z "${{ secrets.TOKEN }}"'));
    const { run } = await workflows.ask("ci.yml", { event });
    if (run === null) throw new Error("it did not start");
    await jobIs(workflows.engine, run, "workflow:approval", "waiting");
    expect(states(await workflows.engine.run(run))).toEqual({ "workflow:approval": "waiting", only: "pending" });
    const { gates } = await workflows.engine.run(run);
    await workflows.engine.approve(run, { by: "eva", answer: "yes", digest: gates[0]?.digest ?? "" });
    expect((await workflows.ended(run)).state).toBe("succeeded");
    const again = await workflows.ask("ci.yml", { event });
    if (again.run === null) throw new Error("it did not start");
    expect(states(await workflows.ended(again.run))).toEqual({ only: "succeeded" });
  });

  test("of a concurrency group one run goes and one waits: a third takes the place of the second", async () => {
    const { run: first } = await start(oneJob("concurrency: main", "sleep 60"));
    await jobIs(workflows.engine, first, "only", "running");
    const { run: second } = await start(oneJob("concurrency: Main"));
    await jobIs(workflows.engine, second, "workflow:turn", "waiting");
    const { run: third } = await start(oneJob("concurrency: main"));
    const superseded = await workflows.ended(second);
    expect(superseded.state).toBe("aborted");
    expect(states(superseded)).toEqual({ "workflow:turn": "aborted", only: "aborted" });
    await workflows.engine.cancel(first, { by: "ana" });
    expect((await workflows.ended(first)).state).toBe("aborted");
    expect((await workflows.ended(third)).state).toBe("succeeded");
  });

  test("one that cancels what is in progress has the run before it make way", async () => {
    const group = "concurrency: { group: deploy, cancel-in-progress: true }";
    const { run: first } = await start(oneJob(group, "sleep 60"));
    await jobIs(workflows.engine, first, "only", "running");
    const { run: second } = await start(oneJob(group));
    const cancelled = await workflows.ended(first);
    expect(cancelled.state).toBe("aborted");
    expect(cancelled.stoppedBy).toBe(second);
    expect((await workflows.ended(second)).state).toBe("succeeded");
  });
});

async function start(text: string): Promise<{ readonly run: RunId }> {
  workflows.files.set("ci.yml", text);
  const { run, reason } = await workflows.ask("ci.yml");
  if (run === null) throw new Error(reason);
  return { run };
}

test("what steps say about files is kept with the job, and a secret in it is unreadable", async () => {
  workflows.secrets.set("workflows", { TOKEN: "of-all" });
  const run = await workflows.run(`
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - run: echo "::error file=src/a.ts,line=3,title=no-var::\${{ secrets.TOKEN }} is a var"; exit 1
`);
  const job = run.jobs[0];
  expect(job?.reason).toContain("src/a.ts:3: *** is a var");
  const results = await resultsOf(workflows.store, run.id, ["workflow-job"]);
  expect(results.get("lint")).toMatchObject({
    result: "failure",
    verdict: "failed",
    annotations: { errors: 2, kept: [{ file: "src/a.ts", line: 3, rule: "no-var", message: "*** is a var" }, {}] },
  });
});
