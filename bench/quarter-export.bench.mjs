import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const name = "exporting a quarter of 200,000 rows as JSON Lines, and its seal of all forms";
export const goal = { atMost: 60_000 };

/** The bar for the memory of whoever exports, the heap's own and what it started with. */
const mostMemory = 300 * 1024 ** 2;

export async function run() {
  // In a process of its own: its memory is what is measured, and not that of the benches before it.
  const child = fork(fileURLToPath(new URL("quarter-export-process.mjs", import.meta.url)), {
    execArgv: process.execArgv,
  });
  const ended = once(child, "exit");
  const [told] = await Promise.race([
    once(child, "message"),
    ended.then(([code]) => {
      throw new Error(`the export ended with ${code}`);
    }),
  ]);
  await ended;
  if (told.memory > mostMemory) throw new Error(`it took ${Math.round(told.memory / 1024 ** 2)} MB`);
  console.error(`  ${Math.round(told.memory / 1024 ** 2)} MB at the most`);
  return { ours: told.took, unit: "ms" };
}
