import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { webProject } from "./support/tiny-service.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway({});
});

afterAll(() => fairway?.end());

const file = ".github/workflows/ci.yml";

const workflow = (gate: string): string => `name: CI
on:
  push:
    branches: [main]
jobs:
  versions:
    runs-on: ubuntu-latest
    outputs:
      list: \${{ steps.list.outputs.list }}
    steps:
      - uses: actions/checkout@v4
      - id: list
        run: echo "list=$(cat versions.json)" >> "$GITHUB_OUTPUT"
  test:
    needs: versions
    runs-on: ubuntu-latest
    strategy:
      matrix:
        version: \${{ fromJSON(needs.versions.outputs.list) }}
    steps:
      - run: echo "testing \${{ matrix.version }}"
  deploy:
    needs: [versions, test]
    runs-on: ubuntu-latest
    steps:
      - name: Count
        run: echo counted >> count.txt
      - name: Ship
        run: test -e ${gate} || { echo "the gate is closed"; exit 7; }
      - name: Told
        run: echo "counted $(wc -l < count.txt) times"
  notify:
    needs: deploy
    if: failure()
    runs-on: ubuntu-latest
    steps:
      - run: echo "it went wrong"
`;

test("a workflow of a commit runs with needs, outputs and a matrix; a failed step says why, and a retry goes on from it", async () => {
  const gate = join(fairway.place, "gate");
  await fairway.project.commit("Begin", {
    [file]: workflow(gate),
    "versions.json": "[18, 20]\n",
    ...webProject({}),
  });
  const run = (...words: readonly string[]): ReturnType<typeof commandLine> =>
    commandLine(fairway.project.path, fairway.data, ...words);

  const failed = await run("workflow", "run", file);
  expect(failed.out).toContain("failed: Ship");
  expect(failed.out).toContain("Process completed with exit code 7.");
  expect(failed.code).toBe(1);
  const [listed] = JSON.parse((await run("runs", "--json")).out) as readonly {
    readonly id: string;
    readonly kind: string;
  }[];
  expect(listed?.kind).toBe("workflow");
  const id = listed?.id ?? "";
  expect((await run("logs", "--run", id, "--job", "deploy", "--step", "Ship")).out).toContain("the gate is closed");
  expect((await run("logs", "--run", id, "--job", "notify")).out).toContain("it went wrong");
  expect((await run("logs", "--run", id, "--job", "test")).out).toMatch(/testing 18[^]*testing 20/);

  await writeFile(gate, "");
  expect((await run("run", "retry", id)).code).toBe(0);
  const shown = JSON.parse((await run("run", "show", id, "--json")).out) as {
    readonly jobs: readonly { readonly name: string; readonly state: string; readonly attempt: number }[];
  };
  expect(shown.jobs.map(({ name, state, attempt }) => [name, state, attempt])).toEqual([
    ["versions", "succeeded", 1],
    ["test#0", "succeeded", 1],
    ["test#1", "succeeded", 1],
    ["deploy", "succeeded", 2],
    ["notify", "succeeded", 2],
  ]);
  expect((await run("logs", "--run", id, "--job", "deploy", "--step", "Told")).out).toContain("counted 1 times");

  const nothing = await run("workflow", "run", file, "--event", "pull_request");
  expect(nothing.code).toBe(1);
  expect(nothing.out).toContain("nothing runs: the workflow does not listen to pull_request");
});

test("a daemon that is told to end in the middle of a step ends, and the next one goes on with that very step", async () => {
  const gate = join(fairway.place, "second-gate");
  const waiting = `on: push
jobs:
  wait:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo once >> ${gate}.times
          until test -e ${gate}; do sleep 0.1; done
      - run: test "$(wc -l < ${gate}.times)" = 1
`;
  await fairway.project.commit("Wait", { [file]: waiting });
  const { run } = await fairway.client.call("runWorkflow", { file, by: "ada" });
  if (run === null) throw new Error("it did not start");
  await fairway.runUntil(run, ({ jobs }) => jobs[0]?.steps.some(({ name }) => name === "1") === true);
  await fairway.kill("SIGTERM");
  await writeFile(gate, "");
  await fairway.start();
  expect((await fairway.settled(run)).state).toBe("succeeded");
});
