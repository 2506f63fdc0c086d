import { median, withProduct } from "./product-parts.mjs";
import { configuration, putWorkflow, timeOfAct, timeOfRun } from "./workflow-parts.mjs";

export const name = "a durable workflow of 100 steps (beside: act on the host, which records nothing)";
export const goal = { atMost: 3_000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 5);

export const run = () =>
  withProduct(configuration, async ({ repository, client }) => {
    await putWorkflow(repository, 100);
    const api = client();
    await timeOfRun(api);
    const [ours, theirs] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const act = timeOfAct(repository);
      if (act === undefined) return { skipped: "act is not installed" };
      theirs.push(act);
      ours.push(await timeOfRun(api));
    }
    return { ours: median(ours), anchor: median(theirs), unit: "ms" };
  });
