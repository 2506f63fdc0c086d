// `npm test`: the checks, the suites, and the report of what was skipped. With arguments (`npm test -- apps/router`) they
// go to vitest and the checks are left out. The last line is `N passed, N failed`, and the exit code agrees with it.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { capabilities } from "./capabilities.mjs";
import { runChecks } from "./checks.mjs";
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
 * @returns {Promise<number>} The exit code.
 */
function runVitest(folder) {
  const reporters = ["--reporter=default", `--reporter=${join(root, "tools/vitest-report.mjs")}`];
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, "run", ...reporters, ...chosen], {
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
  const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { passed: 0, failed: 0, skipped: [] };
  return exitCode === 0 ? report : { ...report, failed: Math.max(1, report.failed) };
}

const missing = Object.entries(capabilities).flatMap(([name, { isThere }]) => (isThere() ? [] : [name]));
if (missing.length > 0) print(`This machine lacks: ${missing.join(", ")}; a suite that needs one is skipped.`);

const checks = chosen.length === 0 ? await runChecks() : { passed: 0, failed: 0 };
const folder = mkdtempSync(join(tmpdir(), "fairway-test-"));
try {
  writeFileSync(join(folder, "skips"), "");
  const exitCode = await runVitest(folder);
  const tests = reportOf(folder, exitCode);
  const recorded = readFileSync(join(folder, "skips"), "utf8");
  // With arguments, a test that a name filter left out counts as skipped too, and needs no reason.
  const skipped = chosen.length === 0 ? tests.skipped : tests.skipped.filter(({ reason }) => reason !== undefined);
  const skips = skipsOf({ recorded, skipped, ci });
  const failed = checks.failed + tests.failed + skips.filter(({ fails }) => fails).length;
  print(...skipReport(skips), `${checks.passed + tests.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : exitCode || 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
