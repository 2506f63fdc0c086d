// What the benches of logs share: 110 MB in a million lines with ten secrets, and one command that writes it.

import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../packages/engine/dist/commands/run-command.js";

export const lineCount = 1_000_000;

/**
 * Makes the output and gives its folder to some work.
 *
 * @template Result
 * @param {(parts: { readonly folder: string, readonly output: string, readonly secrets: readonly string[] }) => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withOutput(work) {
  const folder = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  try {
    const secrets = Array.from({ length: 10 }, () => randomBytes(12).toString("base64"));
    const output = join(folder, "output");
    const file = await open(output, "w");
    const rows = 10_000;
    for (let block = 0; block < lineCount / rows; block++) {
      const lines = Array.from({ length: rows }, (_, at) => {
        const said = at % 1000 === 0 ? `token ${secrets[block % 10]} used` : `compiled in ${at} ms, nothing changed`;
        return `${`2026-11-22T03:50:23.123Z [worker ${at % 7}] src/pages/page-${block * rows + at}.tsx ${said}`.padEnd(109)}\n`;
      });
      await file.write(lines.join(""));
    }
    await file.close();
    return await work({ folder, output, secrets });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a shell script as a step's command.
 *
 * @param {string} directory
 * @param {string} script
 * @param {readonly string[]} secrets
 */
export async function runScript(directory, script, secrets) {
  const outcome = await runCommand({
    directory,
    argv: ["sh", "-c", script],
    cwd: tmpdir(),
    env: {},
    secrets,
    timeout: 120_000,
    grace: 1000,
    limits: { bytesPerLine: 16 * 1024, bytes: 1024 ** 3 },
  });
  if (outcome.ended !== "exited" || outcome.code !== 0) throw new Error(JSON.stringify(outcome));
  return outcome;
}

/** @param {readonly number[]} values */
export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
