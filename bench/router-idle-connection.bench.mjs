import { idleConnection } from "./router-life-parts.mjs";
import { cannotCompare } from "./router-parts.mjs";

export const name = "router: memory of a connection that is kept and idle";
export const goal = { atMost: 12 };

export async function run() {
  if (process.platform !== "linux") return { skipped: "memory is read from /proc" };
  const ours = await idleConnection("local");
  return cannotCompare() === undefined
    ? { ours, anchor: await idleConnection("haproxy"), unit: "KiB" }
    : { ours, unit: "KiB" };
}
