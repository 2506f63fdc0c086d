import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { median } from "./engine-parts.mjs";

const steps = Number(process.env.FAIRWAY_BENCH_STEPS ?? 3000);

export const name = `memory of an engine over ${steps} durable steps (RSS, highest)`;
export const goal = { atMost: 350 };

/** In a process of its own, or it would be the memory of all benches so far. */
export async function run() {
  const child = fork(fileURLToPath(new URL("engine-memory-process.mjs", import.meta.url)), [String(steps)]);
  /** @type {number[]} */
  const found = [];
  child.on("message", (megabytes) => void found.push(Number(megabytes)));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`the engine ended with ${code}`);
  // On a fast machine there may be few: each quarter has one at least.
  const at = (/** @type {number} */ part) => Math.floor((part * found.length) / 4);
  const shown = [0, 1, 2, 3].map((part) =>
    median(found.slice(at(part), Math.max(at(part) + 1, at(part + 1)))).toFixed(0),
  );
  process.stderr.write(`  by quarters: ${shown.join(", ")} MB\n`);
  return { ours: Math.max(...found), unit: "MB" };
}
