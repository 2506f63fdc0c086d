import { median, planOf, withEngine } from "./engine-parts.mjs";

export const name = "from an approval to the next step";
export const goal = { atMost: 150 };

const times = 30;

export const run = () => {
  /** @type {(value?: unknown) => void} */
  let begun = () => {};
  const next = {
    name: "next",
    /** @param {import("@fairway/engine").Attempt} attempt */
    async run(attempt) {
      await attempt.step("next", async () => {
        begun();
        return null;
      });
      return /** @type {const} */ ({ outcome: "succeeded", result: null });
    },
  };
  return withEngine([next], async (engine) => {
    const found = [];
    for (let time = 0; time < times; time++) {
      const id = await engine.startRun(
        planOf([
          { name: "approval", stage: "approval", input: { needed: 1, digest: "sha256:00" } },
          { name: "next", stage: "next", needs: ["approval"] },
        ]),
      );
      const happened = new Promise((resolve) => (begun = resolve));
      const began = performance.now();
      await engine.approve(id, { by: "bench", answer: "yes", digest: "sha256:00" });
      await happened;
      found.push(performance.now() - began);
      await engine.ended(id);
    }
    return { ours: median(found), unit: "ms" };
  });
};
