// What the benches of the engine have in common: an embedded PostgreSQL with fsync on, an engine on it, and medians.

import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedPostgres, openEngine, openStore } from "@fairway/engine";

/**
 * @template Result
 * @param {readonly import("@fairway/engine").Stage[]} stages
 * @param {(engine: import("@fairway/engine").Engine, connectionString: string) => Promise<Result>} measure
 * @returns {Promise<Result>}
 */
export async function withEngine(stages, measure) {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "fairway-bench-")));
  const server = await openEmbeddedPostgres({ directory });
  const store = openStore({ connectionString: server.connectionString });
  const engine = await openEngine({ store, stages, capacity: 64 });
  try {
    return await measure(engine, server.connectionString);
  } finally {
    await engine.close();
    await store.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A stage that takes as many empty steps as its input says. */
export const steps = {
  name: "steps",
  /** @param {import("@fairway/engine").Attempt} attempt */
  async run(attempt) {
    for (let step = 0; step < Number(attempt.input); step++) await attempt.step(`step ${step}`, async () => step);
    return /** @type {const} */ ({ outcome: "succeeded", result: null });
  },
};

/**
 * @param {readonly Partial<import("@fairway/engine").JobPlan>[]} jobs
 * @returns {import("@fairway/engine").RunPlan}
 */
export const planOf = (jobs) => ({
  kind: "release",
  title: "bench",
  subject: null,
  requestedBy: "bench",
  jobs: jobs.map((job) => ({
    name: "job",
    stage: "steps",
    needs: [],
    turn: "after-success",
    input: null,
    timeout: 600_000,
    ...job,
  })),
});

/** @param {readonly number[]} values */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * Jobs per second that graphile-worker does one after the other, or `concurrency` at a time: the figure of a queue, which
 * records once per job, beside ours, which records each step.
 * @param {string} connectionString
 * @param {number} jobs
 * @param {number} concurrency
 */
export async function graphileRate(connectionString, jobs, concurrency) {
  const { Logger, makeWorkerUtils, run } = await import("graphile-worker");
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  await Promise.all(Array.from({ length: jobs }, () => utils.addJob("count", {})));
  let done = 0;
  /** @type {(value?: unknown) => void} */
  let finish = () => {};
  const finished = new Promise((resolve) => (finish = resolve));
  const began = performance.now();
  const runner = await run({
    connectionString,
    concurrency,
    noHandleSignals: true,
    logger,
    taskList: {
      count: async () => {
        if (++done === jobs) finish();
      },
    },
  });
  await finished;
  const rate = (jobs / (performance.now() - began)) * 1000;
  await runner.stop();
  await utils.release();
  return rate;
}

/**
 * How long after `addJob` a task of graphile-worker begins.
 * @param {string} connectionString
 * @param {number} times
 */
export async function graphileStart(connectionString, times) {
  const { Logger, run } = await import("graphile-worker");
  /** @type {(value?: unknown) => void} */
  let begun = () => {};
  const runner = await run({
    connectionString,
    concurrency: 2,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
    taskList: { start: async () => begun() },
  });
  const found = [];
  for (let time = 0; time < times; time++) {
    const began = performance.now();
    const first = new Promise((resolve) => (begun = resolve));
    await runner.addJob("start", {});
    await first;
    found.push(performance.now() - began);
  }
  await runner.stop();
  return median(found);
}
