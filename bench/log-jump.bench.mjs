import { join } from "node:path";
import { compressLog, readLog } from "../packages/engine/dist/index.js";
import { lineCount, runScript, withOutput } from "./log-parts.mjs";

export const name = "log: slowest of 200 jumps to a line of a million, plain and compressed";
export const goal = { atMost: 100 };

export const run = () =>
  withOutput(async ({ folder, output, secrets }) => {
    const { log } = await runScript(join(folder, "step"), `cat ${output}`, secrets);
    const plain = await slowest(log);
    if ((await compressLog(log)) !== "compressed") throw new Error("not compressed");
    const compressed = await slowest(log);
    process.stderr.write(`  plain ${plain.toFixed(1)} ms, compressed ${compressed.toFixed(1)} ms\n`);
    return { ours: Math.max(plain, compressed), unit: "ms" };
  });

/** @param {string} path */
async function slowest(path) {
  let most = 0;
  for (let at = 0; at < 100; at++) {
    const line = 1 + ((at * 7_919_993) % lineCount);
    const begin = performance.now();
    for await (const { line: text } of readLog({ path, fromLine: line, lines: 1 }))
      if (!text.includes(`page-${line - 1}.tsx`)) throw new Error(`line ${line} is ${text}`);
    most = Math.max(most, performance.now() - begin);
  }
  return most;
}
