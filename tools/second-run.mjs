// Which failed suites run a second time, and what both runs together say.

/** With more failures than this nobody need ask whether chance had a hand in it. */
const mostSuites = 4;

/**
 * The suites to run once more: the failed ones, when they are few and nothing failed outside of them.
 *
 * @param {import("./vitest-report.mjs").Report} first
 * @returns {readonly string[]}
 */
export function suitesToRunAgain({ suites, errors }) {
  const failed = suites.filter((suite) => suite.failed > 0).map(({ suite }) => suite);
  return errors > 0 || failed.length > mostSuites ? [] : failed;
}

/**
 * The report of all suites after some ran again: of those, the second run counts. One that the second run does not tell
 * of stays as it was.
 *
 * @param {import("./vitest-report.mjs").Report} first
 * @param {import("./vitest-report.mjs").Report} second
 * @returns {import("./vitest-report.mjs").Report}
 */
export function togetherWith(first, second) {
  const again = new Map(second.suites.map((suite) => [suite.suite, suite]));
  return { suites: first.suites.map((suite) => again.get(suite.suite) ?? suite), errors: first.errors + second.errors };
}

/**
 * Names what passed only the second time.
 *
 * @param {import("./vitest-report.mjs").Report} first
 * @param {import("./vitest-report.mjs").Report} together
 * @returns {readonly string[]}
 */
export function flakyReport(first, together) {
  const failed = new Set(together.suites.filter((suite) => suite.failed > 0).map(({ suite }) => suite));
  const flaky = first.suites.filter((suite) => suite.failed > 0 && !failed.has(suite.suite));
  return flaky.length === 0
    ? []
    : ["", "Flaky, passed only when run once more, alone:", ...flaky.map(({ suite }) => `  ${suite}`)];
}
