import { graphileRate, planOf, steps, withEngine } from "./engine-parts.mjs";

export const name = "durable steps, one after another (beside: graphile-worker's jobs)";
export const goal = { atLeast: 400 };

const count = 500;

export const run = () =>
  withEngine([steps], async (engine, connectionString) => {
    await engine.ended(await engine.startRun(planOf([{ input: 50 }])));
    const began = performance.now();
    await engine.ended(await engine.startRun(planOf([{ input: count }])));
    const ours = (count / (performance.now() - began)) * 1000;
    return { ours, anchor: await graphileRate(connectionString, count, 1), unit: "/s" };
  });
