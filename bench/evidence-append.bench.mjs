import { p95, withDuties } from "./duty-parts.mjs";

export const name = "putting evidence on record by 16 at once, p95";
export const goal = { atMost: 50 };

const each = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 3) * 20;

export async function run() {
  return withDuties(async ({ store, duties }) => {
    const ours = [];
    await Promise.all(
      Array.from({ length: 16 }, async (_, writer) => {
        for (let row = 0; row < each; row++) {
          const began = performance.now();
          await duties.attest({ duty: `drill/d${writer}`, outcome: "passed", release: null });
          ours.push(performance.now() - began);
        }
      }),
    );
    const [{ forks }] = await store.rows(
      "select (count(*) - count(distinct hash) + max(number) - count(*))::int as forks from fairway.audit",
    );
    if (forks !== 0) throw new Error(`${forks} rows are not in one chain`);
    return { ours: p95(ours), unit: "ms" };
  });
}
