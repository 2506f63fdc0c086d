// A vitest reporter that leaves what `test.mjs` needs in the file FAIRWAY_REPORT: the counts, and each skipped test with its
// reason, which vitest's own JSON report leaves out.

import { writeFileSync } from "node:fs";
import { relative } from "node:path";

/**
 * @typedef {object} SkippedTest
 * @property {string} suite The file.
 * @property {string} [reason] What `skip(reason)` was told, or what the test's name says in `(skipped: reason)`.
 *
 * @typedef {object} Report
 * @property {number} passed
 * @property {number} failed
 * @property {readonly SkippedTest[]} skipped
 */

export default class ReportForTest {
  /**
   * @param {readonly import("vitest/node").TestModule[]} modules
   * @param {readonly unknown[]} errors Outside of any test.
   */
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (/** @type {string} */ state) => tests.filter((test) => test.result().state === state);
    // A file that does not load, or whose set-up fails, fails without a test of its own that did.
    const broken = modules.filter(
      (module) => module.state() === "failed" && ![...module.children.allTests("failed")].length,
    );
    /** @type {Report} */
    const report = {
      passed: inState("passed").length,
      failed: inState("failed").length + broken.length + errors.length,
      skipped: inState("skipped").map((test) => ({
        suite: relative(process.cwd(), test.module.moduleId),
        ...reasonOf(test),
      })),
    };
    writeFileSync(/** @type {string} */ (process.env.FAIRWAY_REPORT), JSON.stringify(report));
  }
}

/** @param {import("vitest/node").TestCase} test */
function reasonOf(test) {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  const reason = note ?? /\(skipped: (.+)\)$/u.exec(test.name)?.[1];
  return reason === undefined ? {} : { reason };
}
