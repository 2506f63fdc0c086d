import { share, switches } from "./router-life-parts.mjs";
import { cannotCompare } from "./router-parts.mjs";

export const name = "router: back to replicas that are still warm, to the first answer of theirs, p99";
export const goal = { atMost: 50 };

export async function run() {
  const ours = share((await switches("local")).answered, 0.99);
  if (cannotCompare() !== undefined) return { ours, unit: "ms" };
  return { ours, anchor: share((await switches("haproxy")).answered, 0.99), unit: "ms" };
}
