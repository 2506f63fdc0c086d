import { fileURLToPath } from "node:url";
import { median, timeOf } from "./product-parts.mjs";

export const name = "fairway migrations check of the example, server and all";
export const goal = { atMost: 5_000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 5);
const program = fileURLToPath(new URL("../apps/cli/bin/fairway.mjs", import.meta.url));
const folder = fileURLToPath(new URL("../examples/marketplace/services/catalog/migrations", import.meta.url));

export async function run() {
  const ours = [];
  for (let round = 0; round < rounds; round++) ours.push(await timeOf([program, "migrations", "check", folder]));
  return { ours: median(ours), unit: "ms" };
}
