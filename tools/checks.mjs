// Everything that is checked without running a test: lint, format, the types of the tests, unused code. `npm run check`
// runs it alone, `npm test` before the tests.

import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @type {readonly { readonly name: string, readonly argv: readonly [string, ...string[]], readonly mend: string }[]} */
const checks = [
  { name: "lint", argv: ["oxlint", "--type-aware", "--deny-warnings"], mend: "npm run lint -- --fix" },
  { name: "format", argv: ["oxfmt", "--check"], mend: "npm run format" },
  { name: "types of the tests", argv: ["tsc", "-p", "tsconfig.tests.json", "--singleThreaded"], mend: "" },
  { name: "unused code", argv: ["knip", "--no-progress"], mend: "remove it, or see knip.json" },
];

/**
 * Each checker of types that goes beside another works out the same types again: measured, twice the processor's time. The
 * checks go beside each other anyway. (The linter's types come from a program in Go.)
 */
const oneThread = { ...process.env, GOMAXPROCS: "1" };

/**
 * Runs every check, all at once, and tells each in one line; what a failed one printed follows.
 *
 * @returns {Promise<{ readonly passed: number, readonly failed: number }>}
 */
export async function runChecks() {
  const results = await Promise.all(checks.map(runCheck));
  const failed = results.filter((ok) => !ok).length;
  return { passed: results.length - failed, failed };
}

/** @param {typeof checks[number]} check */
async function runCheck({ name, argv: [program, ...args], mend }) {
  const begun = performance.now();
  const { code, output } = await run(join(root, "node_modules/.bin", program), args);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  if (code === 0) {
    process.stdout.write(`✓ ${name} (${seconds} s)\n`);
    return true;
  }
  process.stdout.write(`✗ ${name} (${seconds} s)${mend === "" ? "" : `, to mend: ${mend}`}\n${output.trimEnd()}\n`);
  return false;
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<{ readonly code: number | null, readonly output: string }>}
 */
function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: oneThread, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (/** @type {Buffer} */ chunk) => void (output += chunk.toString());
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { failed } = await runChecks();
  process.exitCode = failed === 0 ? 0 : 1;
}
