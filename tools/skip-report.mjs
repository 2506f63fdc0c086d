// What was not tested, why, and what would make it so. A skip is honest only if somebody reads it.

import { relative } from "node:path";
import { capabilities } from "./capabilities.mjs";

/**
 * A suite that was skipped. `command` brings what it wanted; `excused` means that it is nobody's fault.
 *
 * @typedef {object} Skip
 * @property {string} suite
 * @property {string} reason
 * @property {string} command
 * @property {boolean} excused
 */

/**
 * Puts together what suites recorded through `needs()` with what vitest counted as skipped.
 *
 * @param {object} run
 * @param {string} run.recorded One JSON line for each "no" of `needs()`.
 * @param {readonly string[]} run.skippedFiles Files in which vitest skipped at least one test.
 * @param {boolean} run.ci
 * @returns {readonly Skip[]}
 */
export function skipsOf({ recorded, skippedFiles, ci }) {
  const lines = new Set(recorded.split("\n").filter((line) => line !== ""));
  const wanting = [...lines].map((line) => {
    const { suite, name } = JSON.parse(line);
    const { what, enable, inCi } = capabilities[name];
    return { suite, reason: `needs ${what}`, command: enable, excused: !(ci && inCi) };
  });
  const explained = new Set(wanting.map(({ suite }) => suite));
  const silent = skippedFiles
    .filter((suite) => !explained.has(suite))
    .map((suite) => ({
      suite,
      reason: "gives no reason",
      command: "ask needs() of tools/skips.ts, or delete the test",
      excused: !ci,
    }));
  return [...wanting, ...silent].toSorted((one, other) => (one.suite < other.suite ? -1 : 1));
}

/**
 * The report, as lines for a terminal; nothing when nothing was skipped.
 *
 * @param {readonly Skip[]} skips
 * @returns {readonly string[]}
 */
export function skipReport(skips) {
  if (skips.length === 0) return [];
  return [
    `Skipped: ${skips.length}`,
    ...skips.flatMap(({ suite, reason, command, excused }) => [
      `  ${suite} ${reason}${excused ? "" : " — CI has to have it: tools/provision"}`,
      `    → ${command}`,
    ]),
  ];
}

/**
 * The files of vitest's JSON report that have a skipped test, as paths from here.
 *
 * @param {{ readonly testResults: readonly { readonly name: string, readonly assertionResults: readonly { readonly status: string }[] }[] }} report
 */
export function skippedFilesOf({ testResults }) {
  const skipped = new Set(["skipped", "pending", "todo"]);
  return testResults
    .filter(({ assertionResults }) => assertionResults.some(({ status }) => skipped.has(status)))
    .map(({ name }) => relative(process.cwd(), name));
}
