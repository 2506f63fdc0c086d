// How a step of the set-up is run and told: one line when it is done, its output only when it failed.

import { spawn } from "node:child_process";

/**
 * Runs a program to its end and gives back what it printed.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} folder
 * @returns {Promise<{ readonly ok: boolean, readonly output: string }>}
 */
export function run(program, args, folder) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (/** @type {Buffer} */ chunk) => void (output += chunk.toString());
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", reject);
    child.once("close", (code) => resolve({ ok: code === 0, output }));
  });
}

/**
 * Does one thing and says so with the time it took; on a terminal also while it is at it.
 *
 * @template T
 * @param {string} doing
 * @param {string} done
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(doing, done, work) {
  const begun = performance.now();
  const { stderr } = process;
  if (stderr.isTTY) stderr.write(`setup: ${doing} …`);
  try {
    const result = await work();
    const line = `setup: ${done} in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`;
    stderr.write(stderr.isTTY ? `\r\u001B[K${line}` : line);
    return result;
  } catch (thrown) {
    if (stderr.isTTY) stderr.write("\n");
    throw thrown;
  }
}
