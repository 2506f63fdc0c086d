import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTrial, type Trial, type TrialOptions, trialSurroundings } from "../../running/testing/trial-job.ts";

/** Puts a program of the name into a folder. */
export function fakeProgram(trialPath: string, name: string, script: string): void {
  mkdirSync(trialPath, { recursive: true });
  writeFileSync(join(trialPath, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(trialPath, name), 0o755);
}

/** Runs a job with fake programs before the real ones. */
export async function runFaking(
  programs: Readonly<Record<string, string>>,
  job: string,
  options: TrialOptions = {},
): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), "fairway-programs-"));
  try {
    for (const [name, script] of Object.entries(programs)) fakeProgram(folder, name, script);
    const baseEnv = { ...trialSurroundings.baseEnv, PATH: `${folder}:/usr/bin:/bin` };
    return await runTrial(job, { ...options, around: { baseEnv, ...options.around } });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
