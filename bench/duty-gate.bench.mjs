import { fill, p95, withDuties } from "./duty-parts.mjs";

export const name = "a gate's decision with 500 duties and 200,000 rows, p95";
export const goal = { atMost: 50 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 3) * 20;

export async function run() {
  return withDuties(async ({ store, duties }) => {
    await fill(store);
    const ours = [];
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      await duties.decide({ environment: "production", release: "r1", reason: "deploy", remedies: [] });
      ours.push(performance.now() - began);
    }
    return { ours: p95(ours), unit: "ms" };
  });
}
