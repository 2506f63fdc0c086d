// A vitest reporter that leaves what `test.mjs` needs in the file FAIRWAY_REPORT: each suite's counts, and each skipped test
// with its reason, which vitest's own JSON report leaves out.

import { writeFileSync } from "node:fs";
import { relative } from "node:path";

/**
 * @typedef {object} SkippedTest
 * @property {string} suite The file.
 * @property {string} [reason] What `skip(reason)` was told, or what the test's name says in `(skipped: reason)`.
 *
 * @typedef {object} SuiteReport
 * @property {string} suite The file.
 * @property {number} passed
 * @property {number} failed
 * @property {readonly SkippedTest[]} skipped
 *
 * @typedef {object} Report
 * @property {readonly SuiteReport[]} suites
 * @property {number} errors Outside of any test.
 */

export default class ReportForTest {
  /**
   * @param {readonly import("vitest/node").TestModule[]} modules
   * @param {readonly unknown[]} errors Outside of any test.
   */
  onTestRunEnd(modules, errors) {
    /** @type {Report} */
    const report = { suites: modules.map(suiteReport), errors: errors.length };
    writeFileSync(/** @type {string} */ (process.env.FAIRWAY_REPORT), JSON.stringify(report));
  }
}

/**
 * @param {import("vitest/node").TestModule} module
 * @returns {SuiteReport}
 */
function suiteReport(module) {
  const suite = relative(process.cwd(), module.moduleId);
  const tests = [...module.children.allTests()];
  const inState = (/** @type {string} */ state) => tests.filter((test) => test.result().state === state);
  const failed = inState("failed").length;
  return {
    suite,
    passed: inState("passed").length,
    // A file that does not load, or whose set-up fails, fails without a test of its own that did.
    failed: module.state() === "failed" ? Math.max(1, failed) : failed,
    skipped: inState("skipped").map((test) => ({ suite, ...reasonOf(test) })),
  };
}

/** @param {import("vitest/node").TestCase} test */
function reasonOf(test) {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  const reason = note ?? /\(skipped: (.+)\)$/u.exec(test.name)?.[1];
  return reason === undefined ? {} : { reason };
}
