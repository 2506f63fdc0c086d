import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { codeOf, FairwayError } from "@fairway/core";
import {
  type ActionLock,
  actionLockFile,
  canRun,
  checkWayBack,
  checkWorkflowBytes,
  formatProblem,
  formatReport,
  readActionLock,
  sarifOf,
  type WorkflowReport,
} from "@fairway/workflow";
import { type GlobalOptions, repositoryHere } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";
import { adviceFiles } from "./advice-files.ts";

interface CheckOptions extends GlobalOptions {
  readonly sarif?: boolean;
  readonly containers?: boolean;
}

const usualFolder = ".github/workflows";

/** Far more than a workflow may have; only so that nobody reads a disk image into memory. */
const mostBytes = 16 * 1024 * 1024;

/** `fairway workflow check`: what becomes of every construct, and what will not do what it should. Needs no daemon. */
export async function checkWorkflows([file]: readonly string[], options: CheckOptions): Promise<number> {
  const root = await repositoryOrHere();
  const files = file === undefined ? await workflowsOf(root) : [resolve(file)];
  const abilities = { containers: options.containers === true, lock: await lockOf(root) };
  const reports: WorkflowReport[] = [];
  for (const path of files) {
    reports.push(checkWorkflowBytes(await bytesOf(path), nameOf(root, path), abilities));
  }
  if (file === undefined)
    for (const { file: name, text } of await adviceFiles(root)) {
      const faults = checkWayBack(text, name);
      if (faults.length > 0) reports.push({ file: name, problems: [], constructs: [], faults });
    }
  const ok = reports.every(canRun);
  if (options.sarif) printJson(sarifOf(reports));
  else if (options.json) printJson({ ok, reports });
  else print(harmless(reports.map(formatReport).join("\n\n")));
  return ok ? 0 : 1;
}

async function repositoryOrHere(): Promise<string> {
  try {
    return await repositoryHere();
  } catch (thrown) {
    if (codeOf(thrown) !== "not_a_repository") throw thrown;
    return process.cwd(); // A file can be looked at wherever it lies.
  }
}

async function workflowsOf(root: string): Promise<readonly string[]> {
  const folder = join(root, usualFolder);
  const names = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return [];
    throw new FairwayError("not_found", `${folder} cannot be read: ${thrown.message}`, { cause: thrown });
  });
  const files = names.filter((name) => /\.ya?ml$/u.test(name)).sort();
  if (files.length > 0) return files.map((name) => join(folder, name));
  throw new FairwayError("not_found", `there are no workflows in ${folder}`, { hint: "Name a file." });
}

/** The lock of the repository; without one no action is locked. */
async function lockOf(root: string): Promise<ActionLock> {
  const file = join(root, actionLockFile);
  const text = await readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw new FairwayError("not_found", `${file} cannot be read: ${thrown.message}`, { cause: thrown });
  });
  if (text === undefined) return new Map();
  const reading = readActionLock(text);
  if ("lock" in reading) return reading.lock;
  throw new FairwayError("workflow_invalid", `${actionLockFile} has problems`, {
    problems: reading.problems.map(formatProblem),
  });
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > mostBytes) throw new FairwayError("bad_request", `${path} has ${size} bytes: that is no workflow`);
    return await readFile(path);
  } catch (thrown) {
    if (codeOf(thrown) !== undefined) throw thrown;
    throw new FairwayError("not_found", `${path} cannot be read: ${(thrown as Error).message}`, { cause: thrown });
  }
}

/** As the repository calls it, so that patches apply at its root. */
function nameOf(root: string, path: string): string {
  const inside = relative(root, path);
  return inside.startsWith("..") ? path : inside.split(sep).join("/");
}
