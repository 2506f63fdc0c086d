// What was not tested, why, and what would make it so. A skip is honest only if somebody reads it.

import { capabilities } from "./capabilities.mjs";

/**
 * A suite of which something was skipped, for one reason. `mend` says what would enable it, and `fails` whether the run
 * may not pass with it.
 *
 * @typedef {object} Skip
 * @property {string} suite
 * @property {string} reason
 * @property {string} [mend]
 * @property {boolean} fails
 */

/**
 * Puts together what suites recorded through `needs()` with the tests that vitest skipped. In CI a run fails for the want
 * of what CI could have, and for a skip that gives no reason.
 *
 * @param {object} run
 * @param {string} run.recorded One JSON line for each "no" of `needs()`.
 * @param {readonly import("./vitest-report.mjs").SkippedTest[]} run.skipped
 * @param {boolean} run.ci
 * @returns {readonly Skip[]}
 */
export function skipsOf({ recorded, skipped, ci }) {
  const lines = new Set(recorded.split("\n").filter((line) => line !== ""));
  const wanting = [...lines].map((line) => {
    const { suite, name } = JSON.parse(line);
    const { what, enable, inCi } = capabilities[name];
    return { suite, reason: `needs ${what}`, mend: enable, fails: ci && inCi };
  });
  const explained = new Set(wanting.map(({ suite }) => suite));
  const others = skipped.flatMap(({ suite, reason }) => {
    if (reason !== undefined) return [{ suite, reason, fails: false }];
    if (explained.has(suite)) return [];
    return [{ suite, reason: "gives no reason", mend: "skip(reason), or needs() of tools/skips.ts", fails: ci }];
  });
  const once = new Map([...wanting, ...others].map((skip) => [`${skip.suite} ${skip.reason}`, skip]));
  return [...once.values()].toSorted((one, other) => (one.suite < other.suite ? -1 : 1));
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
    "Skipped:",
    ...skips.map(({ suite, reason, mend, fails }) => {
      const how = mend === undefined ? "" : ` → ${mend}`;
      return `  ${fails ? "✗ " : ""}${suite}: ${reason}${how}`;
    }),
  ];
}
