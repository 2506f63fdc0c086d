import { cannotCompareCaddy, cpuPerRequest, startCaddy } from "./router-parts.mjs";

export const name = "router: requests a CPU second for answers of 95 bytes (Caddy, Go's ReverseProxy, is 1)";
export const goal = { atLeast: 2 };

export async function run() {
  const skipped = cannotCompareCaddy();
  if (skipped !== undefined) return { skipped };
  const { ours, anchor } = await cpuPerRequest(95, startCaddy);
  process.stderr.write(`  ${ours.toFixed(1)} µs a request, Caddy ${anchor.toFixed(1)} µs\n`);
  return { ours: anchor / ours, anchor: 1, unit: "×" };
}
