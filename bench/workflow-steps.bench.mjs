import { median, withProduct } from "./product-parts.mjs";
import { configuration, putWorkflow, timeOfBash, timeOfRun } from "./workflow-parts.mjs";

export const name = "a durable step of a workflow, beyond bash (beside: bash alone)";
export const goal = { atMost: 25 };

const steps = 100;
const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 5);

export const run = () =>
  withProduct(configuration, async ({ repository, client }) => {
    await putWorkflow(repository, steps);
    const api = client();
    await timeOfRun(api);
    const [ours, bare] = [[], []];
    for (let round = 0; round < rounds; round++) {
      bare.push(timeOfBash(steps));
      ours.push(await timeOfRun(api));
    }
    return { ours: (median(ours) - median(bare)) / steps, anchor: median(bare) / steps, unit: "ms" };
  });
