import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bare, codeOf, lack, release, withContainers } from "./container-parts.mjs";
import { commit, median } from "./product-parts.mjs";

export const name = "release of one changed service in a container, beside buildah bud and push";
export const goal = { atMost: 1.15 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 7);

export async function run() {
  const missing = lack();
  if (missing !== null) return { skipped: missing };
  return withContainers(1, async (product, registry) => {
    const [ours, theirs] = [[], []];
    for (let round = 0; round <= rounds; round++) {
      const code = await codeOf(round);
      await writeFile(join(product.repository, "service-1/server.mjs"), code);
      await commit(product.repository, `Round ${round}`);
      ours.push(await release(product));
      // Other bytes, so that neither finds in the cache what the other has built.
      theirs.push(await bare(registry, `// bare\n${code}`));
    }
    // The first fill the caches and send the base.
    const [fairway, buildah] = [median(ours.slice(1)), median(theirs.slice(1))];
    process.stderr.write(`  fairway ${Math.round(fairway)} ms, buildah ${Math.round(buildah)} ms\n`);
    return { ours: fairway / buildah, unit: "×" };
  });
}
