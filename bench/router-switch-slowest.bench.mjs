import { share, switches } from "./router-life-parts.mjs";
import { cannotCompare } from "./router-parts.mjs";

export const name = "router: a switch to healthy replicas under load, until every new request goes there, p99";
export const goal = { atMost: 25 };

export async function run() {
  const ours = share((await switches("local")).acknowledged, 0.99);
  if (cannotCompare() !== undefined) return { ours, unit: "ms" };
  return { ours, anchor: share((await switches("haproxy")).acknowledged, 0.99), unit: "ms" };
}
