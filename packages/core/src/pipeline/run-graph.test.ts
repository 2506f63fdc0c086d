import fc from "fast-check";
import { expect, test } from "vitest";
import type { State, TerminalState } from "../states.ts";
import { isTerminal, terminalStates } from "../states.ts";
import type { JobView, Turn } from "./run-graph.ts";
import { jobsToRetry, nextMoves } from "./run-graph.ts";

type Job = { -readonly [Key in keyof JobView]: JobView[Key] };

/** Graphs of up to eight jobs; each may need any that come before it. */
const graph: fc.Arbitrary<Job[]> = fc
  .array(
    fc.record({
      turn: fc.constantFrom<Turn>("after-success", "after-success", "after-trouble", "after-all", "always"),
      needs: fc.array(fc.nat(7), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((jobs) =>
    jobs.map(({ turn, needs }, index) => ({
      name: `job${index}`,
      needs: [...new Set(needs)].filter((needed) => needed < index).map((needed) => `job${needed}`),
      turn,
      state: "pending",
    })),
  );

/** What chance decides in a run: how jobs end, which goes on next, and when somebody asks for a stop. */
const fortune = fc.record({
  ends: fc.array(fc.constantFrom<TerminalState>("succeeded", "succeeded", "succeeded", "failed", "errored"), {
    minLength: 8,
    maxLength: 8,
  }),
  picks: fc.array(fc.nat(7), { minLength: 40, maxLength: 40 }),
  stopAfter: fc.option(fc.nat(10), { nil: Infinity }),
});
type Fortune = typeof fortune extends fc.Arbitrary<infer Value> ? Value : never;

/** Plays a run to its end, and hands every start to `onStart`. Throws when it gets stuck. */
function play(
  jobs: Job[],
  { ends, picks, stopAfter }: Fortune,
  onStart: (job: Job, stopping: boolean) => void = () => undefined,
): TerminalState {
  for (let round = 0; round < 40; round++) {
    const stopping = round >= stopAfter;
    const { ready, ended } = nextMoves(jobs, stopping);
    if (ended !== null && ready.length > 0) throw new Error(`over, and yet ${ready.join()} may start`);
    if (ended !== null) return ended;
    for (const job of jobs.filter(({ name }) => ready.includes(name))) {
      onStart(job, stopping);
      job.state = "running";
    }
    const running = jobs.filter(({ state }) => state === "running");
    const next = running[(picks[round] ?? 0) % running.length];
    if (!next) throw new Error(`stuck: ${JSON.stringify(jobs)}`);
    next.state = ends[jobs.indexOf(next)] ?? "succeeded";
  }
  throw new Error("a run of eight jobs took forty rounds");
}

const needed = (jobs: readonly Job[], job: Job): readonly Job[] => jobs.filter(({ name }) => job.needs.includes(name));
const inTrouble = ({ state }: Job): boolean => isTerminal(state) && state !== "succeeded";

test("every run ends, whatever its jobs come to and whenever it is stopped", () => {
  fc.assert(
    fc.property(graph, fortune, (jobs, chance) => {
      expect(terminalStates).toContain(play(jobs, chance));
    }),
    { numRuns: 1000 },
  );
});

test("a job starts once, and never before what it needs is settled", () => {
  fc.assert(
    fc.property(graph, fortune, (jobs, chance) => {
      const started: string[] = [];
      play(jobs, chance, (job) => {
        started.push(job.name);
        expect(needed(jobs, job).filter(({ state }) => state === "running" || state === "waiting")).toEqual([]);
      });
      expect(new Set(started).size).toBe(started.length);
    }),
    { numRuns: 1000 },
  );
});

test("what comes after success starts only when all that it needs succeeded, and never once a stop was asked for", () => {
  fc.assert(
    fc.property(graph, fortune, (jobs, chance) => {
      play(jobs, chance, (job, stopping) => {
        if (job.turn !== "after-success") return;
        expect(stopping).toBe(false);
        expect(needed(jobs, job).every(({ state }) => state === "succeeded")).toBe(true);
      });
    }),
    { numRuns: 1000 },
  );
});

test("what comes after trouble starts only when there was some: a no, a stop, or a part that can never come", () => {
  fc.assert(
    fc.property(graph, fortune, (jobs, chance) => {
      play(jobs, chance, (job, stopping) => {
        if (job.turn !== "after-trouble") return;
        const needs = needed(jobs, job);
        expect(needs.some(({ state }) => isTerminal(state))).toBe(true);
        expect(stopping || jobs.some(inTrouble)).toBe(true);
      });
    }),
    { numRuns: 1000 },
  );
});

test("a run has succeeded when no job of it is in trouble and nobody stopped it, and only then", () => {
  fc.assert(
    fc.property(graph, fortune, (jobs, chance) => {
      const verdict = play(jobs, { ...chance, stopAfter: Infinity });
      expect(verdict === "succeeded").toBe(!jobs.some(inTrouble));
      expect(verdict === "errored").toBe(jobs.some(({ state }) => state === "errored"));
    }),
    { numRuns: 1000 },
  );
});

test("what goes back to pending takes all that came after it along, so that nothing stands on what is to be done again", () => {
  fc.assert(
    fc.property(graph, fortune, (jobs, chance) => {
      play(jobs, chance);
      const again = new Set(jobsToRetry(jobs));
      for (const job of jobs) {
        const goesBack = again.has(job.name);
        expect(goesBack || !inTrouble(job)).toBe(true);
        expect(goesBack && job.state === "pending").toBe(false);
        expect(goesBack || job.state === "pending" || job.needs.every((name) => !again.has(name))).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});

test("a retry in which everything goes well makes the run succeed, and asked again there is nothing to retry", () => {
  fc.assert(
    fc.property(graph, fortune, (jobs, chance) => {
      play(jobs, chance);
      const again = jobsToRetry(jobs);
      for (const job of jobs) if (again.includes(job.name)) job.state = "pending";
      expect(play(jobs, { ends: [], picks: chance.picks, stopAfter: Infinity })).toBe("succeeded");
      expect(jobsToRetry(jobs)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

const job = (name: string, state: State, needs: readonly string[] = [], turn: Turn = "after-success"): JobView => ({
  name,
  needs,
  turn,
  state,
});

test("a failed verification puts things right, and what had succeeded before is undone, so a retry does it again", () => {
  const jobs = [
    job("build", "succeeded"),
    job("deploy", "succeeded", ["build"]),
    job("verify", "failed", ["deploy"]),
    job("back", "pending", ["deploy", "verify"], "after-trouble"),
  ];
  expect(nextMoves(jobs, false)).toEqual({ ready: ["back"], ended: null });
  const over = jobs.map((each) => (each.name === "back" ? { ...each, state: "succeeded" as const } : each));
  expect(nextMoves(over, false)).toEqual({ ready: [], ended: "failed" });
  expect(jobsToRetry(over)).toEqual(["deploy", "verify", "back"]);
});

test("where nothing was begun nothing is put right", () => {
  const jobs = [
    job("build", "failed"),
    job("deploy", "pending", ["build"]),
    job("back", "pending", ["deploy"], "after-trouble"),
  ];
  expect(nextMoves(jobs, false)).toEqual({ ready: [], ended: "failed" });
});

test("what puts things right in turns, each after the other, stays out of it when all went well", () => {
  const chain = (deploy: State, second: State): readonly JobView[] => [
    job("api", deploy),
    job("web", second, ["api"]),
    job("web-back", "pending", ["web"], "after-trouble"),
    job("api-back", "pending", ["api", "web-back"], "after-trouble"),
  ];
  expect(nextMoves(chain("succeeded", "succeeded"), false)).toEqual({ ready: [], ended: "succeeded" });
  expect(nextMoves(chain("succeeded", "failed"), false)).toEqual({ ready: ["web-back"], ended: null });
  expect(nextMoves(chain("failed", "pending"), false)).toEqual({ ready: ["api-back"], ended: null });
});

test("a job that waits for a person keeps the run open", () => {
  expect(nextMoves([job("gate", "waiting"), job("deploy", "pending", ["gate"])], false)).toEqual({
    ready: [],
    ended: null,
  });
});

test("a run without jobs has succeeded", () => {
  expect(nextMoves([], false)).toEqual({ ready: [], ended: "succeeded" });
});
