// Runs every bench/*.bench.mjs, one after the other, and prints what was measured beside its anchor. `npm run bench -- word`
// runs those whose file name has the word in it. It ends with 1 when a goal was missed.
//
// A bench exports `name`, `goal` ({ atMost } or { atLeast }, of our figure) and `run()`, which answers { ours, anchor?, unit }:
// our figure, and that of somebody else's program measured in the same run. One that needs what this machine lacks
// answers { skipped: "why" }.

import { readdir } from "node:fs/promises";
import { basename } from "node:path";

/**
 * @typedef {{ readonly atMost: number } | { readonly atLeast: number }} Goal
 * @typedef {{ readonly ours: number, readonly anchor?: number, readonly unit: string }} Measured
 * @typedef {object} Bench
 * @property {string} name
 * @property {Goal} goal
 * @property {() => Promise<Measured | { readonly skipped: string }>} run
 */

/** @param {Goal} goal @param {number} ours */
function isMet(goal, ours) {
  return "atMost" in goal ? ours <= goal.atMost : ours >= goal.atLeast;
}

/** @param {number} value */
function figure(value) {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** @param {readonly (readonly string[])[]} rows */
function print(rows) {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
  }
}

const word = process.argv[2] ?? "";
const files = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith(".bench.mjs") && file.includes(word))
  .sort();
const rows = [["", "ours", "anchor", "ratio", "goal", ""]];
for (const file of files) {
  /** @type {Bench} */
  const { name, goal, run } = await import(`./${file}`);
  process.stderr.write(`${basename(file, ".bench.mjs")} …\n`);
  const measured = await run();
  if ("skipped" in measured) {
    rows.push([name, "", "", "", "", `skipped: ${measured.skipped}`]);
    continue;
  }
  const { ours, anchor, unit } = measured;
  const met = isMet(goal, ours);
  if (!met) process.exitCode = 1;
  rows.push([
    name,
    `${figure(ours)} ${unit}`,
    anchor === undefined ? "–" : `${figure(anchor)} ${unit}`,
    anchor === undefined ? "–" : figure(ours / anchor),
    "atMost" in goal ? `≤ ${goal.atMost} ${unit}` : `≥ ${goal.atLeast} ${unit}`,
    met ? "met" : "MISSED",
  ]);
}
if (files.length === 0) process.stdout.write("No bench/*.bench.mjs to run.\n");
else print(rows);
