import { fileURLToPath } from "node:url";
import { median, timeOf } from "./product-parts.mjs";

export const name = "fairway --help (beside: node -e 0)";
export const goal = { atMost: 150 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 15);
const program = fileURLToPath(new URL("../apps/cli/bin/fairway.mjs", import.meta.url));

export async function run() {
  const [ours, anchor] = [[], []];
  for (let round = 0; round < rounds; round++) {
    anchor.push(await timeOf(["-e", "0"]));
    ours.push(await timeOf([program, "--help"]));
  }
  return { ours: median(ours), anchor: median(anchor), unit: "ms" };
}
