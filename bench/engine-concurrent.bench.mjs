import { graphileRate, planOf, steps, withEngine } from "./engine-parts.mjs";

export const name = "durable steps of 50 jobs at a time (beside: graphile-worker's jobs)";
export const goal = { atLeast: 800 };

const [jobs, each] = [50, 20];

export const run = () =>
  withEngine([steps], async (engine, connectionString) => {
    await engine.ended(await engine.startRun(planOf([{ input: 50 }])));
    const plan = planOf(Array.from({ length: jobs }, (_, job) => ({ name: `job ${job}`, input: each })));
    const began = performance.now();
    await engine.ended(await engine.startRun(plan));
    const ours = ((jobs * each) / (performance.now() - began)) * 1000;
    return { ours, anchor: await graphileRate(connectionString, jobs * each, jobs), unit: "/s" };
  });
