import { lack, release, withContainers } from "./container-parts.mjs";
import { commit, median } from "./product-parts.mjs";

export const name = "release of six services in containers of which none changed";
export const goal = { atMost: 2000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 7);

export async function run() {
  const missing = lack();
  if (missing !== null) return { skipped: missing };
  return withContainers(6, async (product) => {
    await release(product);
    const found = [];
    for (let round = 0; round < rounds; round++) {
      await commit(product.repository, `Round ${round}`);
      found.push(await release(product));
    }
    return { ours: median(found), unit: "ms" };
  });
}
