// `npm test`: the checks, the suites, and the report of what was skipped. With arguments (`npm test -- apps/router`) they
// go to vitest and the checks are left out. The last line is `N passed, N failed`, and the exit code agrees with it.
//
// Suites of whole processes share two cores with whatever else the machine does, so the few files that failed run once
// more, alone. What passes only then is named as flaky: it is a fault to mend, but it is not the change's.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { capabilities } from "./capabilities.mjs";
import { runChecks } from "./checks.mjs";
import { flakyReport, suitesToRunAgain, togetherWith } from "./second-run.mjs";
import { skipReport, skipsOf } from "./skip-report.mjs";

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
 * @param {readonly string[]} args
 * @returns {Promise<number>} The exit code.
 */
function runVitest(folder, args) {
  const reporters = ["--reporter=default", `--reporter=${join(root, "tools/vitest-report.mjs")}`];
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, "run", ...reporters, ...args], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, FAIRWAY_SKIPS: join(folder, "skips"), FAIRWAY_REPORT: join(folder, "report.json") },
    });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)));
  });
}

/**
 * The report of the run, with at least one failure when vitest ended badly: it may not have come to write one.
 *
 * @param {string} folder
 * @param {number} exitCode
 * @returns {import("./vitest-report.mjs").Report}
 */
function reportOf(folder, exitCode) {
  const file = join(folder, "report.json");
  /** @type {import("./vitest-report.mjs").Report} */
  const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { suites: [], errors: 0 };
  rmSync(file, { force: true });
  const failed = report.errors > 0 || report.suites.some((suite) => suite.failed > 0);
  return exitCode === 0 || failed ? report : { ...report, errors: 1 };
}

/**
 * Runs all, and once more what failed.
 *
 * @param {string} folder
 */
async function runTests(folder) {
  const first = reportOf(folder, await runVitest(folder, chosen));
  const again = chosen.length === 0 ? suitesToRunAgain(first) : [];
  if (again.length === 0) return { tests: first, flaky: [] };
  print(`Once more, alone: ${again.join(", ")}`);
  const tests = togetherWith(first, reportOf(folder, await runVitest(folder, ["--no-file-parallelism", ...again])));
  return { tests, flaky: flakyReport(first, tests) };
}

/** @param {readonly number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

const missing = Object.entries(capabilities).flatMap(([name, { isThere }]) => (isThere() ? [] : [name]));
if (missing.length > 0) print(`This machine lacks: ${missing.join(", ")}; a suite that needs one is skipped.`);

const checks = chosen.length === 0 ? await runChecks() : { passed: 0, failed: 0 };
const folder = mkdtempSync(join(tmpdir(), "fairway-test-"));
try {
  writeFileSync(join(folder, "skips"), "");
  const { tests, flaky } = await runTests(folder);
  const recorded = readFileSync(join(folder, "skips"), "utf8");
  // With arguments, a test that a name filter left out counts as skipped too, and needs no reason.
  const skipped = tests.suites
    .flatMap((suite) => suite.skipped)
    .filter(({ reason }) => chosen.length === 0 || reason !== undefined);
  const skips = skipsOf({ recorded, skipped, ci });
  const passed = checks.passed + sum(tests.suites.map((suite) => suite.passed));
  const failed =
    checks.failed +
    tests.errors +
    sum(tests.suites.map((suite) => suite.failed)) +
    skips.filter(({ fails }) => fails).length;
  print(...flaky, ...skipReport(skips), `${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
