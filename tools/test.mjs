// `npm test`: the checks, the suites, and the report of what was skipped. With arguments (`npm test -- apps/router`) they
// go to vitest and the checks are left out. The last line is `N passed, N failed`, and the exit code agrees with it.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { capabilities } from "./capabilities.mjs";
import { runChecks } from "./checks.mjs";
import { skipReport, skippedFilesOf, skipsOf } from "./skip-report.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const chosen = process.argv.slice(2);
const ci = process.env.CI === "true";

/** @param {readonly string[]} lines */
function print(...lines) {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

/**
 * Runs vitest in the foreground; its report and the recorded skips are left in the folder.
 *
 * @param {string} folder
 * @returns {Promise<number>} The exit code.
 */
function runVitest(folder) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${join(folder, "report.json")}`];
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, "run", ...reporters, ...chosen], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, FAIRWAY_SKIPS: join(folder, "skips") },
    });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)));
  });
}

/**
 * What vitest's report counts, and at least one failure when vitest says there was one: a file that does not load and an
 * error outside of any test have no test of their own.
 *
 * @param {string} folder
 * @param {number} exitCode
 */
function countsOf(folder, exitCode) {
  const file = join(folder, "report.json");
  if (!existsSync(file)) return { passed: 0, failed: exitCode === 0 ? 0 : 1, skippedFiles: [] };
  const report = JSON.parse(readFileSync(file, "utf8"));
  const broken = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: readonly unknown[] }} */ { status, assertionResults }) =>
      status === "failed" && assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + broken;
  return {
    passed: report.numPassedTests,
    failed: Math.max(failed, exitCode === 0 ? 0 : 1),
    // Tests that a name filter left out count as skipped too, and need no excuse.
    skippedFiles: chosen.length === 0 ? skippedFilesOf(report) : [],
  };
}

const missing = Object.entries(capabilities).flatMap(([name, { isThere }]) => (isThere() ? [] : [name]));
if (missing.length > 0) print(`This machine lacks: ${missing.join(", ")}; a suite that needs one is skipped.`);

const checks = chosen.length === 0 ? await runChecks() : { passed: 0, failed: 0 };
const folder = mkdtempSync(join(tmpdir(), "fairway-test-"));
try {
  writeFileSync(join(folder, "skips"), "");
  const exitCode = await runVitest(folder);
  const tests = countsOf(folder, exitCode);
  const recorded = readFileSync(join(folder, "skips"), "utf8");
  const skips = skipsOf({ recorded, skippedFiles: tests.skippedFiles, ci });
  const inexcusable = skips.filter(({ excused }) => !excused).length;
  const failed = checks.failed + tests.failed + inexcusable;
  print(...skipReport(skips), `${checks.passed + tests.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : exitCode || 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
