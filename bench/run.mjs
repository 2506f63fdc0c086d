// Runs every bench/*.bench.mjs, one after the other, prints what was measured beside its anchor, and writes it to
// docs/reference/benchmarks.md. `npm run bench -- word …` runs those whose file name has one of the words in it and leaves
// the other rows; `--no-write` only prints. It ends with 1 when a goal was missed or a bench failed.
//
// A bench exports `name`, `goal` ({ atMost } or { atLeast }, of our figure) and `run()`, which answers { ours, anchor?, unit }:
// our figure, and that of somebody else's program measured in the same run. One that needs what this machine lacks
// answers { skipped: "why" }.

import { readFile, readdir, writeFile } from "node:fs/promises";
import { arch, cpus, loadavg, release, totalmem, type } from "node:os";
import { basename } from "node:path";
import { benchmarkPage, cellsOf, verdictOn } from "./table/benchmark-table.mjs";

const page = new URL("../docs/reference/benchmarks.md", import.meta.url);

/** What the figures depend on; figures of two machines never stand in one table. */
function machineHere() {
  const model = cpus()[0]?.model ?? "processor";
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `Machine: ${cpus().length} × ${model.trim()}, ${memory} GiB, ${type()} ${release()} ${arch()}, Node ${process.version}.`;
}

/** @param {string} file @returns {Promise<import("./table/benchmark-table.mjs").Result>} */
async function measure(file) {
  const { name, goal, explanation, run } = await import(`./${file}.bench.mjs`);
  const about = { file, name, goal, explanation, load: loadavg()[0] ?? 0, day: new Date().toISOString().slice(0, 10) };
  try {
    return { ...about, ...(await run()) };
  } catch (thrown) {
    console.error(thrown);
    return { ...about, failed: (thrown instanceof Error ? thrown.message : String(thrown)).split("\n")[0] ?? "" };
  }
}

/** @param {readonly (readonly string[])[]} rows */
function print(rows) {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : column === 5 ? cell : cell.padStart(widths[column] ?? 0),
    );
    process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
  }
}

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const benches = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith(".bench.mjs"))
  .map((file) => basename(file, ".bench.mjs"))
  .sort();
const wanted = benches.filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
const results = [];
for (const file of wanted) {
  process.stderr.write(`${file} …\n`);
  const result = await measure(file);
  results.push(result);
  if (["missed", "failed"].includes(verdictOn(result))) process.exitCode = 1;
  if (process.argv.includes("--no-write")) continue;
  // After each, so that hours of measuring survive the one that hangs.
  const before = await readFile(page, "utf8").catch(() => "");
  await writeFile(page, benchmarkPage({ results, machine: machineHere(), before, benches }));
}
if (results.length === 0)
  process.stdout.write(`No bench has ${words.join(" or ")} in its name; there are ${benches.join(", ")}.\n`);
else print([["", "ours", "anchor", "ratio", "goal", ""], ...results.map(cellsOf)]);
