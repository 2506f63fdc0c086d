import { graphileStart, median, planOf, withEngine } from "./engine-parts.mjs";

export const name = "from a run's start to its first step (beside: graphile-worker's addJob to task)";
export const goal = { atMost: 25 };

const times = 30;

export const run = () => {
  /** @type {(value?: unknown) => void} */
  let begun = () => {};
  const first = {
    name: "first",
    /** @param {import("@fairway/engine").Attempt} attempt */
    async run(attempt) {
      await attempt.step("first", async () => {
        begun();
        return null;
      });
      return /** @type {const} */ ({ outcome: "succeeded", result: null });
    },
  };
  return withEngine([first], async (engine, connectionString) => {
    const found = [];
    for (let time = 0; time < times; time++) {
      const began = performance.now();
      const happened = new Promise((resolve) => (begun = resolve));
      const id = await engine.startRun(planOf([{ stage: "first" }]));
      await happened;
      found.push(performance.now() - began);
      await engine.ended(id);
    }
    return { ours: median(found), anchor: await graphileStart(connectionString, times), unit: "ms" };
  });
};
