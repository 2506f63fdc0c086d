import { cannotCompare, cpuPerRequest } from "./router-parts.mjs";

export const name = "router: requests a CPU second for answers of 64 KiB (HAProxy, one thread, is 1)";
export const goal = { atLeast: 0.7 };

export async function run() {
  const skipped = cannotCompare();
  if (skipped !== undefined) return { skipped };
  const { ours, anchor } = await cpuPerRequest(65_536);
  process.stderr.write(`  ${ours.toFixed(1)} µs a request, HAProxy ${anchor.toFixed(1)} µs\n`);
  return { ours: anchor / ours, anchor: 1, unit: "×" };
}
