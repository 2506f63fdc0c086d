import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JobInstance, WorkflowPlan } from "../model/plan.ts";
import { readWorkflow } from "../reading/read-workflow.ts";
import { type Move, nextJobs } from "./next-jobs.ts";
import { planWorkflow } from "./plan-workflow.ts";
import type { InstanceState, JobResult, RunFacts } from "./run-states.ts";

const facts: RunFacts = { github: { ref: "refs/heads/main" }, vars: {}, inputs: {}, cancelled: false };

async function planOf(text: string, called: Readonly<Record<string, string>> = {}): Promise<WorkflowPlan> {
  const reading = readWorkflow(text, "ci.yml");
  if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
  const planned = await planWorkflow(reading.workflow, { files: (reference) => Promise.resolve(called[reference]) });
  if ("problems" in planned) throw new Error(JSON.stringify(planned.problems));
  return planned.plan;
}

interface Ended {
  readonly result: JobResult;
  readonly outputs?: Readonly<Record<string, string>>;
}

/** Plays a run to its end, one job at a time; `answer` says how each instance ends. */
function play(plan: WorkflowPlan, answer: (instance: JobInstance) => Ended, given = facts) {
  const states = new Map<string, InstanceState>();
  const started: JobInstance[] = [];
  const ended: Record<string, string> = {};
  const reasons: Record<string, string> = {};
  for (;;) {
    const { moves, outcome } = nextJobs(plan, given, states);
    for (const move of moves) {
      if (move.move === "start") {
        started.push(move.instance);
        states.set(move.instance.key, { state: "running" });
      } else if (move.move === "end") {
        states.set(move.key, { state: "ended", ...move.outcome });
        ended[move.key] = move.outcome.result;
        reasons[move.key] = move.reason;
      }
    }
    const running = started.find(({ key }) => states.get(key)?.state === "running");
    if (running !== undefined) {
      const { result, outputs = {} } = answer(running);
      states.set(running.key, { state: "ended", result, outputs });
      ended[running.key] = result;
    } else if (moves.length === 0) return { started, ended, reasons, outcome };
  }
}

const succeed = (): Ended => ({ result: "success" });
const steps = "runs-on: x, steps: [{ run: echo }]";
const job = (id: string, more = ""): string => `  ${id}: { ${steps}${more === "" ? "" : `, ${more}`} }\n`;

describe("a run goes from job to job", () => {
  test("needs first, then what needs them, and gives outputs on", async () => {
    const plan = await planOf(
      `on: push\njobs:\n${job("b", 'needs: a, name: "after ${{ needs.a.outputs.x }}"')}${job("a")}`,
    );
    const { started, outcome } = play(plan, () => ({ result: "success", outputs: { x: "42" } }));
    expect(started.map(({ name }) => name)).toEqual(["a", "after 42"]);
    expect(started[1]?.needsContext).toEqual({ a: { result: "success", outputs: { x: "42" } } });
    expect(outcome?.result).toBe("success");
  });

  test("what needs a failed job is skipped, unless its condition asks how things stand", async () => {
    const text = `on: push\njobs:\n${job("a")}${job("b", "needs: a")}${job("c", "needs: b, if: failure()")}${job("d", "needs: b, if: always()")}${job("e", "needs: d")}`;
    const { ended, reasons, outcome } = play(await planOf(text), ({ id }) => ({
      result: id === "a" ? "failure" : "success",
    }));
    // `e` needs only `d`, which succeeded; but behind it something failed, and GitHub looks there too.
    expect(ended).toEqual({ a: "failure", b: "skipped", c: "success", d: "success", e: "skipped" });
    expect(reasons["b"]).toBe("a job that it needs did not succeed");
    expect(outcome?.result).toBe("failure");
  });

  test("a condition that does not hold skips, and the reason shows it", async () => {
    const { reasons } = play(
      await planOf(`on: push\njobs:\n${job("a", "if: github.ref == 'refs/heads/other'")}`),
      succeed,
    );
    expect(reasons["a"]).toBe("its condition does not hold: github.ref == 'refs/heads/other'");
  });

  test("a condition that cannot be computed fails the job, with the reason", async () => {
    const { ended, reasons } = play(await planOf(`on: push\njobs:\n${job("a", "if: \"fromJSON('no')\"")}`), succeed);
    expect(ended["a"]).toBe("failure");
    expect(reasons["a"]).toMatch(/not JSON/u);
  });

  test("a cancelled run starts only what wants to run all the same", async () => {
    const plan = await planOf(
      `on: push\njobs:\n${job("a")}${job("b", "if: always()")}${job("c", "if: cancelled()")}${job("d", "if: failure()")}`,
    );
    const { ended } = play(plan, succeed, { ...facts, cancelled: true });
    expect(ended).toEqual({ a: "cancelled", b: "success", c: "success", d: "cancelled" });
  });
});

describe("a matrix", () => {
  const matrix = (more: string): string =>
    `on: push\njobs:\n  t:\n    runs-on: x\n    strategy:\n      matrix: { v: [1, 2, 3] }\n${more}    steps: [{ run: echo }]\n`;

  test("becomes legs with names, numbers and their own values", async () => {
    const { started } = play(await planOf(matrix("")), succeed);
    expect(started.map(({ key, name, matrix: leg }) => [key, name, leg])).toEqual([
      ["t#0", "t (1)", { v: 1 }],
      ["t#1", "t (2)", { v: 2 }],
      ["t#2", "t (3)", { v: 3 }],
    ]);
    expect(started[1]?.strategy).toEqual({ "fail-fast": true, "job-index": 1, "job-total": 3, "max-parallel": 3 });
  });

  test("fails fast: what has not begun ends, what runs is cancelled", async () => {
    const plan = await planOf(matrix(""));
    const states = new Map<string, InstanceState>([
      ["t#0", { state: "ended", result: "failure", outputs: {} }],
      ["t#1", { state: "running" }],
    ]);
    expect(nextJobs(plan, facts, states).moves.map(({ move, ...rest }) => [move, "key" in rest && rest.key])).toEqual([
      ["cancel", "t#1"],
      ["end", "t#2"],
    ]);
  });

  test("goes on after a failure when told to, or when the failing leg may fail", async () => {
    const told = play(await planOf(matrix("      fail-fast: false\n")), ({ key }) => ({
      result: key === "t#0" ? "failure" : "success",
    }));
    expect(told.ended).toEqual({ "t#0": "failure", "t#1": "success", "t#2": "success" });
    expect(told.outcome?.result).toBe("failure");
    const may = play(await planOf(matrix("    continue-on-error: ${{ matrix.v == 1 }}\n")), ({ key }) => ({
      result: key === "t#0" ? "failure" : "success",
    }));
    expect(may.outcome?.result).toBe("success");
  });

  test("never has more legs running than it may", async () => {
    const plan = await planOf(matrix("      max-parallel: 2\n"));
    expect(nextJobs(plan, facts, new Map()).moves).toHaveLength(2);
    expect(nextJobs(plan, facts, new Map([["t#0", { state: "running" } as const]])).moves).toHaveLength(1);
  });

  test("may come out of what another job has found", async () => {
    const plan = await planOf(
      `on: push\njobs:\n${job("find")}${'  t:\n    needs: find\n    runs-on: x\n    strategy: { matrix: { v: "${{ fromJSON(needs.find.outputs.list) }}" } }\n    steps: [{ run: echo }]\n'}`,
    );
    const { started } = play(plan, () => ({ result: "success", outputs: { list: '["a", "b"]' } }));
    expect(started.map(({ name }) => name)).toEqual(["find", "t (a)", "t (b)"]);
    const empty = play(plan, () => ({ result: "success", outputs: { list: "[]" } }));
    expect(empty.reasons["t"]).toBe("Matrix vector 'v' does not contain any values");
    expect(empty.ended["t"]).toBe("failure");
  });

  test("gives as output what the last leg that has something to say gives", async () => {
    const text = `${matrix("")}${job("after", 'needs: t, name: "${{ needs.t.outputs.x }}"')}`;
    const { started } = play(await planOf(text), ({ key }) => ({
      result: "success",
      outputs: { x: key === "t#2" ? "" : key },
    }));
    expect(started.at(-1)?.name).toBe("t#1");
  });
});

describe("a workflow that is called", () => {
  const called = `on:
  workflow_call:
    inputs:
      env: { type: string, default: staging }
      count: { type: number, required: true }
    outputs:
      url: { value: "\${{ jobs.ship.outputs.url }}" }
permissions: { contents: read }
jobs:
  ship: { name: "ship to \${{ inputs.env }}", runs-on: x, steps: [{ run: echo }] }
`;
  const caller = `on: push
jobs:
  release: { uses: ./called.yml, with: { count: 3 }, secrets: inherit }
  after: { needs: release, name: "\${{ needs.release.outputs.url }}", runs-on: x, steps: [{ run: echo }] }
`;

  test("gets typed inputs, secrets and no more permissions than it asks for, and gives outputs back", async () => {
    const { started, ended } = play(await planOf(caller, { "./called.yml": called }), () => ({
      result: "success",
      outputs: { url: "https://x" },
    }));
    expect(started.map(({ key, name }) => [key, name])).toEqual([
      ["release/ship", "release / ship to staging"],
      ["after", "https://x"],
    ]);
    expect(started[0]).toMatchObject({
      inputs: { env: "staging", count: 3 },
      permissions: { contents: "read" },
      secretScopes: [{ pass: "all" }],
    });
    expect(ended).toEqual({ "release/ship": "success", after: "success" });
  });

  test("fails its caller when it fails", async () => {
    const { ended } = play(await planOf(caller, { "./called.yml": called }), () => ({ result: "failure" }));
    expect(ended).toEqual({ "release/ship": "failure", after: "skipped" });
  });

  test("that calls itself is refused before anything starts", async () => {
    const loop = `on: workflow_call\njobs: { again: { uses: ./loop.yml } }\n`;
    await expect(planOf(`on: push\njobs: { a: { uses: ./loop.yml } }\n`, { "./loop.yml": loop })).rejects.toThrow(
      /calls itself/u,
    );
  });

  test("that is not there is refused with its place", async () => {
    await expect(planOf(caller, {})).rejects.toThrow(/there is no workflow '.\/called.yml'.*"line":3/u);
  });
});

describe("whatever the graph and however its jobs end", () => {
  const graph = fc
    .array(
      fc.record({
        needs: fc.array(fc.nat(9), { maxLength: 3 }),
        legs: fc.integer({ min: 0, max: 3 }),
        always: fc.boolean(),
      }),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    .map((nodes) =>
      nodes.map((node, index) => ({
        ...node,
        needs: [...new Set(node.needs.map((need) => need % (index || 1)))].filter(() => index > 0),
      })),
    );

  test("every job ends once, none starts before its needs have ended, and the run ends", async () => {
    await fc.assert(
      fc.asyncProperty(
        graph,
        fc.array(fc.constantFrom<JobResult>("success", "failure"), { minLength: 1 }),
        async (nodes, results) => {
          const text = nodes.map(({ needs, legs, always }, index) =>
            job(
              `j${index}`,
              [
                `needs: [${needs.map((need) => `j${need}`).join(", ")}]`,
                ...(always ? ["if: always()"] : []),
                ...(legs > 0
                  ? [`strategy: { matrix: { v: [${Array.from({ length: legs }, (_, leg) => leg).join(", ")}] } }`]
                  : []),
              ].join(", "),
            ),
          );
          const plan = await planOf(`on: push\njobs:\n${text.join("")}`);
          let turn = 0;
          const { started, ended, outcome } = play(plan, ({ needs, needsContext }) => {
            // Its context has a result of everything that it needs, so that all of it has ended.
            expect(Object.keys(needsContext).sort()).toEqual([...needs].sort());
            return { result: results[turn++ % results.length] ?? "success" };
          });
          expect(new Set(started.map(({ key }) => key)).size).toBe(started.length);
          expect(outcome).toBeDefined();
          const jobs = new Set(Object.keys(ended).map((key) => key.replace(/#\d+$/u, "")));
          expect(jobs.size).toBe(nodes.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("asked again with the same states it says the same", async () => {
    const plan = await planOf(`on: push\njobs:\n${job("a")}${job("b", "needs: a")}`);
    const moves = (): readonly Move[] => nextJobs(plan, facts, new Map([["a", { state: "running" } as const]])).moves;
    expect(moves()).toEqual([]);
    expect(nextJobs(plan, facts, new Map())).toEqual(nextJobs(plan, facts, new Map()));
  });
});
