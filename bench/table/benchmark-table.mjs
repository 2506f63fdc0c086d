// The table of `docs/reference/benchmarks.md`: written from what was measured, and read again, so that a run of a few
// benches leaves the rows of the others as they were measured.

/**
 * @typedef {{ readonly atMost: number } | { readonly atLeast: number }} Goal
 * @typedef {object} Result One bench that was run.
 * @property {string} file Its file name, without the ending.
 * @property {string} name What it measures.
 * @property {Goal} goal
 * @property {number} [ours] Left out when nothing was measured.
 * @property {number} [anchor] The figure of somebody else's program in the same run.
 * @property {string} [unit]
 * @property {string} [skipped] Why nothing was measured.
 * @property {string} [failed] What it threw.
 * @property {number} load The machine's load average when it began.
 * @property {string} day
 * @property {string} [explanation] Where the time or the room goes by a profile, of a goal that is not met on every machine.
 */

/**
 * Whether the goal was met; a bench that failed has not met it, and one that was skipped has no answer. @param {Result} result
 */
export function verdictOn({ goal, ours, skipped, failed }) {
  if (failed !== undefined) return "failed";
  if (skipped !== undefined || ours === undefined) return "skipped";
  return ("atMost" in goal ? ours <= goal.atMost : ours >= goal.atLeast) ? "met" : "missed";
}

/** Three digits are what a figure of a busy machine is worth. @param {number} value */
function figure(value) {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** The cells of a result: name, ours, anchor, ratio, goal, verdict. @param {Result} result */
export function cellsOf(result) {
  const { name, ours, anchor, unit = "", goal, skipped, failed } = result;
  const measured = (/** @type {number | undefined} */ value) =>
    value === undefined ? "–" : `${figure(value)} ${unit}`.trim();
  const verdict = verdictOn(result);
  return [
    name,
    measured(ours),
    measured(anchor),
    ours === undefined || anchor === undefined ? "–" : figure(ours / anchor),
    `${"atMost" in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`} ${unit}`.trim(),
    verdict === "skipped" ? `skipped: ${skipped ?? ""}` : verdict === "failed" ? `failed: ${failed ?? ""}` : verdict,
  ];
}

const head = ["bench", "what", "ours", "anchor", "ratio", "goal", "", "load", "day"];

/** A cell may not end its row. @param {string} text */
const cell = (text) => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim();

/** @param {Result} result */
function rowOf(result) {
  const [name = "", ours, anchor, ratio, goal, verdict = ""] = cellsOf(result);
  const shown = verdict === "met" || verdict.startsWith("skipped") ? verdict : `**${verdict}**`;
  const link = `[${result.file}](../../bench/${result.file}.bench.mjs)`;
  return [link, name, ours, anchor, ratio, goal, shown, result.load.toFixed(1), result.day].map((one) =>
    cell(one ?? ""),
  );
}

/**
 * The page: the new results, and between them the rows that the page before had and that were not run again, unless they are
 * of another machine or their bench is gone.
 *
 * @param {{ readonly results: readonly Result[], readonly machine: string, readonly before: string, readonly benches: readonly string[] }} about
 */
export function benchmarkPage({ results, machine, before, benches }) {
  const rows = new Map(before.includes(`\n${machine}\n`) ? rowsOf(before) : []);
  for (const result of results) rows.set(result.file, `| ${rowOf(result).join(" | ")} |`);
  const kept = benches.flatMap((file) => rows.get(file) ?? []);
  const missing = benches.length - kept.length;
  const why = explanationsOf({ results, kept, before });
  return [
    "# Benchmarks",
    "",
    "Written by `npm run bench`: every bench of [bench/](../../bench) runs beside an anchor, somebody else's program in the",
    "same run, and states its goal in its file. The ratio is ours to the anchor's; what misses its goal stands here as missed. The",
    "load is the machine's when the bench began: above a quarter of its processors the figures are those of a busy machine.",
    "",
    machine,
    "",
    `| ${head.join(" | ")} |`,
    `|${" --- |".repeat(head.length)}`,
    ...kept,
    ...(why.length > 0 ? ["", explanationsHead, "", ...why] : []),
    ...(missing > 0 ? ["", `${missing} of ${benches.length} benches have not been run on this machine.`] : []),
    "",
  ].join("\n");
}

const explanationsHead = "## What was missed, and where it goes";

/**
 * Of each missed goal what its bench says about it; of one that was not run again, what the page before said.
 *
 * @param {{ readonly results: readonly Result[], readonly kept: readonly string[], readonly before: string }} about
 */
function explanationsOf({ results, kept, before }) {
  const old = new Map(
    before.split("\n").flatMap((line) => (/^- `([\w-]+)`: /.test(line) ? [[line.split("`")[1], line]] : [])),
  );
  return kept.flatMap((row) => {
    const file = /^\| \[([\w-]+)\]\(/.exec(row)?.[1];
    if (file === undefined || !row.includes("| **missed** |")) return [];
    const result = results.find((one) => one.file === file);
    if (result === undefined) return old.get(file) ?? [];
    return [`- \`${file}\`: ${cell(result.explanation ?? "not explained yet")}`];
  });
}

/** The rows of a page, by bench. @param {string} page @returns {readonly (readonly [string, string])[]} */
function rowsOf(page) {
  return page.split("\n").flatMap((line) => {
    const file = /^\| \[([\w-]+)\]\(/.exec(line)?.[1];
    return file === undefined ? [] : [/** @type {const} */ ([file, line])];
  });
}
