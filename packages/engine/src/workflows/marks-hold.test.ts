import type { Mark } from "@fairway/workflow";
import { checkWorkflow } from "@fairway/workflow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunDetail } from "../runs/engine.ts";
import type { WorkflowsUnderTest } from "./testing/workflow-under-test.ts";
import { workflowsUnderTest } from "./testing/workflow-under-test.ts";

let workflows: WorkflowsUnderTest;
beforeAll(async () => {
  workflows = await workflowsUnderTest();
});
afterAll(() => workflows.close());

const text = (ofJob: string, steps: string, top = ""): string =>
  `on: push\n${top}jobs:\n  only:\n    runs-on: ubuntu-latest\n${ofJob}    steps:\n${steps}`;
const markOf = (file: string, path: string): Mark | undefined =>
  checkWorkflow(file, "ci.yml", { containers: false, lock: new Map() }).constructs.find((one) => one.path === path)
    ?.mark;
const lastOf = async (run: RunDetail, step = "1"): Promise<string | undefined> =>
  (await workflows.log(run, "only", step)).at(-1);

interface Case {
  readonly path: string;
  readonly file: string;
  /** What the run of it shows: the state of the run, and the last line of the step of this number. */
  readonly shows: readonly [state: string, line: string | undefined];
  readonly step?: string;
}

/** Each would show something else if its key meant nothing. */
const enforced: readonly Case[] = [
  {
    path: "jobs.only.steps[0].continue-on-error",
    file: text("", "      - run: exit 3\n        continue-on-error: true\n      - run: echo after\n"),
    shows: ["succeeded", "after"],
    step: "2",
  },
  {
    path: "jobs.only.defaults.run.working-directory",
    file: text(
      "    defaults: { run: { working-directory: below } }\n",
      "      - run: mkdir below\n        working-directory: .\n      - run: basename $PWD\n",
    ),
    shows: ["succeeded", "below"],
    step: "2",
  },
  {
    path: "env.WORD",
    file: text("", "      - run: echo $WORD\n", "env: { WORD: given }\n"),
    shows: ["succeeded", "given"],
  },
];

/** Each runs, though nothing here is what GitHub would run it on. */
const emulated: readonly Case[] = [
  {
    path: "jobs.only.runs-on.group",
    file: text("", "      - run: echo here\n").replace("ubuntu-latest", "{ group: large }"),
    shows: ["succeeded", "here"],
  },
];

/** Each is read, and the run is as it would be without it. */
const withoutEffect: readonly Case[] = [
  {
    path: "permissions.contents",
    file: text("", '      - run: echo "token ${GITHUB_TOKEN:-none}"\n', "permissions: { contents: write }\n"),
    shows: ["succeeded", "token none"],
  },
  {
    path: "description",
    file: text("", "      - run: echo same\n", "description: for readers\n"),
    shows: ["succeeded", "same"],
  },
];

describe("what is marked behaves as its mark says", () => {
  test.each([
    ...enforced.map((one) => ["enforced", one.path, one] as const),
    ...emulated.map((one) => ["emulated", one.path, one] as const),
    ...withoutEffect.map((one) => ["no-effect", one.path, one] as const),
  ])("%s: %s", async (mark, path, { file, shows, step }) => {
    expect(markOf(file, path)).toBe(mark);
    const run = await workflows.run(file);
    expect([run.state, await lastOf(run, step)]).toEqual(shows);
  });

  test("enforced: a job whose `if` says no does not run", async () => {
    const file = text("    if: github.ref == 'refs/heads/other'\n", "      - run: exit 1\n");
    expect(markOf(file, "jobs.only.if")).toBe("enforced");
    const run = await workflows.run(file);
    expect([run.state, run.jobs[0]?.message]).toEqual(["succeeded", expect.stringContaining("skipped")]);
  });

  test("rejected: nothing starts, and the refusal names the line", async () => {
    const file = text("    snapshot: image\n", "      - run: touch started\n");
    expect(markOf(file, "jobs.only.snapshot")).toBe("rejected");
    const before = (await workflows.engine.runs({})).length;
    await expect(workflows.run(file)).rejects.toMatchObject({
      code: "workflow_invalid",
      problems: [expect.stringContaining("ci.yml:5")],
    });
    expect((await workflows.engine.runs({})).length).toBe(before);
  });
});
