import { describe, expect, test } from "vitest";
import type { Job, StepsJob } from "../model/job.ts";
import type { Workflow } from "../model/workflow.ts";
import { github } from "./github.ts";
import { readAction } from "./read-action.ts";
import { readWorkflow } from "./read-workflow.ts";

function read(text: string): Workflow {
  const reading = readWorkflow(text, "ci.yml");
  if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
  return reading.workflow;
}

function stepsJob(workflow: Workflow, id: string): StepsJob {
  const job = workflow.jobs.find((one: Job) => one.id === id);
  if (job?.kind !== "steps") throw new Error(`${id} is no job with steps`);
  return job;
}

/** Every key that a workflow may have, each with a value that is nowhere else. */
const everything = `name: m-name
description: m-description
run-name: m-run-name
on:
  push: { branches: [m-branch], tags: [m-tag], paths: [m-path] }
  pull_request: { branches-ignore: [m-branch-i], paths-ignore: [m-path-i], types: [opened] }
  workflow_run: { workflows: [m-workflow], types: [completed] }
  image_version: { names: [m-image], versions: [m-version] }
  schedule: [{ cron: "1 2 3 4 5", timezone: Europe/Oslo }]
  workflow_dispatch:
    inputs: { m-input: { description: m-input-d, type: choice, required: true, default: m-opt, options: [m-opt] } }
  workflow_call:
    inputs: { m-call: { type: number, default: 4242 } }
    secrets: { m-secret: { required: true } }
    outputs: { m-output: { value: m-output-v } }
env: { M_ENV: m-env }
defaults: { run: { shell: m-shell, working-directory: m-wd } }
permissions: { contents: read }
concurrency: { group: m-group, cancel-in-progress: true, queue: single }
jobs:
  m-job:
    name: m-job-name
    if: github.ref == 'm-if'
    strategy: { fail-fast: false, max-parallel: 77, matrix: { v: [m-vector], include: [{ w: m-include }], exclude: [{ v: m-exclude }] } }
    runs-on: [m-label]
    timeout-minutes: 78
    cancel-timeout-minutes: 79
    continue-on-error: true
    container: { image: m-container, options: m-options }
    services: { m-service: { image: m-service-image } }
    env: { M_JOB_ENV: m-job-env }
    environment: { name: m-environment, url: "https://m-url", deployment: false }
    permissions: { id-token: write }
    concurrency: m-job-group
    outputs: { m-out: m-out-v }
    defaults: { run: { shell: m-job-shell, working-directory: m-job-wd } }
    snapshot: { image-name: m-snapshot, version: "1.*" }
    steps:
      - { name: m-step, id: m-id, if: "failure()", timeout-minutes: 80, continue-on-error: true, run: m-run, env: { S: m-step-env }, working-directory: m-step-wd, shell: m-step-shell }
      - { uses: m-owner/m-action@m-ref, with: { m-with: m-with-v } }
  m-call-job:
    needs: m-job
    uses: m-owner/m-repo/.github/workflows/m.yml@m-ref
    with: { m-passed: m-passed-v }
    secrets: { m-given: m-given-v }
`;

describe("nothing that an author writes is dropped", () => {
  const workflow = read(everything);
  const kept = JSON.stringify(workflow);

  test("every value of a workflow with every key is in the model", () => {
    const written = [
      ...everything.matchAll(/\b(?:m-[a-z-]+|M_[A-Z_]+|4242|7[789]|80|Europe\/Oslo|1 2 3 4 5)(?![\w-])/gu),
    ].map(([value]) => value);
    const shapes = new Set(["m-call-job"]);
    expect(written.length).toBeGreaterThan(70);
    expect([...new Set(written)].filter((value) => !kept.includes(value) && !shapes.has(value))).toEqual([]);
  });

  test("with what GitHub makes of it: shapes, short forms and conditions", () => {
    expect(stepsJob(workflow, "m-job")).toMatchObject({
      condition: { source: "github.ref == 'm-if'", effective: "success() && (github.ref == 'm-if')" },
      permissions: { levels: { "id-token": "write" } },
      concurrency: { group: { text: "m-job-group" }, queue: "single" },
      environment: { deployment: { value: false } },
      steps: [
        { kind: "run", id: "m-id", condition: { effective: "failure()" }, timeoutMinutes: { value: 80 } },
        { kind: "uses", id: "__m-owner_m-action", uses: { reference: "m-owner/m-action@m-ref" } },
      ],
    });
    expect(workflow.triggers.events.map(({ event }) => event)).toEqual([
      "push",
      "pull_request",
      "workflow_run",
      "image_version",
    ]);
  });

  test("and everything has its place", () => {
    expect(workflow.triggers.events[1]).toMatchObject({ place: { line: 6, column: 3 } });
    expect(stepsJob(workflow, "m-job").steps[1]?.place).toEqual({ line: 40, column: 9 });
  });
});

describe("values are what YAML 1.2 and GitHub say", () => {
  const values = (written: string) => {
    const { env } = stepsJob(
      read(`on: push\njobs:\n  a:\n    runs-on: x\n    env:\n      V: ${written}\n    steps: [{ run: echo }]\n`),
      "a",
    );
    return env?.kind === "mapping" ? env.entries[0]?.value : undefined;
  };

  test.each([
    ["3.10", "3.1"],
    ['"3.10"', "3.10"],
    ["yes", "yes"],
    ["true", "true"],
    ["0o17", "15"],
    ["1e3", "1000"],
    ["null", ""],
    ["~", ""],
    ["", ""],
  ])("%s is the text %j", (written, text) => {
    expect(values(written)).toMatchObject({ kind: "literal", text });
  });

  test("text around an expression becomes a call of format", () => {
    expect(values("a ${{ github.ref }} b {c}")).toMatchObject({
      kind: "expression",
      source: "format('a {0} b {{c}}', github.ref)",
    });
  });

  test("a block of several lines is kept to the letter", () => {
    const job = stepsJob(
      read(`on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          one\n          two\n`),
      "a",
    );
    expect(job.steps[0]).toMatchObject({ run: { text: "one\ntwo\n" } });
  });

  test("on, in its three forms", () => {
    const events = (on: string) => read(`on: ${on}\njobs: { a: { runs-on: x, steps: [{ run: echo }] } }\n`).triggers;
    expect(events("push").events).toMatchObject([{ event: "push" }]);
    expect(events("[push, workflow_dispatch]")).toMatchObject({
      events: [{ event: "push" }],
      dispatch: { inputs: [] },
    });
    expect(events("{ push: , workflow_call: }")).toMatchObject({ events: [{ event: "push" }], call: { inputs: [] } });
  });
});

describe("an action", () => {
  const action = (text: string) => {
    const reading = readAction(text, "action.yml");
    return "action" in reading ? reading.action : reading.problems;
  };

  test("of steps, with inputs, outputs and the steps' own keys", () => {
    const text = `inputs: { who: { description: d, required: true, default: world } }
outputs: { x: { value: "\${{ steps.s.outputs.x }}" } }
runs:
  using: composite
  steps: [{ id: s, run: "echo \${{ inputs.who }}", shell: bash }, { uses: ./other, with: { a: b } }]
`;
    expect(action(text)).toMatchObject({
      kind: "composite",
      inputs: [{ name: "who", required: true, default: { text: "world" } }],
      outputs: [{ name: "x", value: { source: "steps.s.outputs.x" } }],
      steps: [
        { id: "s", shell: { text: "bash" } },
        { id: "__self", uses: { reference: "./other" } },
      ],
    });
  });

  test("in JavaScript, without a name and with keys that nobody knows, as the runner takes it", () => {
    expect(action("runs: { using: node20, main: dist/index.js, post: dist/post.js }\nfancy: [1]\n")).toMatchObject({
      kind: "node",
      using: "node20",
      main: "dist/index.js",
      post: "dist/post.js",
      postIf: "always()",
    });
  });

  test("in a container", () => {
    expect(
      action('runs: { using: docker, image: Dockerfile, args: [a, "${{ inputs.b }}"] }\ninputs: { b: { } }\n'),
    ).toMatchObject({
      kind: "docker",
      image: "Dockerfile",
      args: [{ text: "a" }, { source: "inputs.b" }],
    });
  });

  test.each([
    ["nothing", "name: a\n", /an action has `runs`/u],
    ["a wrong way to run", "runs: { using: perl, main: x }\n", /'perl' is no way to run an action/u],
    ["no main", "runs: { using: node20 }\n", /has `main`|not enough info/u],
  ])("that has %s is refused", (_, text, words) => {
    expect(JSON.stringify(action(text))).toMatch(words);
  });
});

test("GitHub's parser is the one that set-up bundles", () => {
  expect(github()).toBe(github());
  expect(Object.keys(github())).toContain("getWorkflowSchema");
});
