import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { FairwayError } from "@fairway/core";
import {
  type ActionLock,
  actionLockFile,
  ActionSource,
  formatActionLock,
  formatProblem,
  readAction,
  readActionLock,
  readWorkflow,
  type UsedAction,
  usedActions,
} from "@fairway/workflow";
import { type GlobalOptions, repositoryHere } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

interface LockOptions extends GlobalOptions {
  readonly renew?: boolean;
  readonly server?: string;
}

const usualFolder = ".github/workflows";

/**
 * `fairway workflow lock`: writes down the commit of every action that the workflows use, also of those that such actions
 * use. What is locked stays as it is unless it is renewed, and what nobody uses any more goes.
 */
export async function lockActions(_args: readonly string[], options: LockOptions): Promise<void> {
  const root = await repositoryHere();
  // A lock that cannot be read is no reason not to renew it.
  const before = await lockOf(root).catch((thrown: unknown) => {
    if (options.renew) return new Map<string, string>();
    throw thrown;
  });
  const scratch = await mkdtemp(join(tmpdir(), "fairway-actions-"));
  try {
    const source = new ActionSource({
      folder: scratch,
      ...(options.server === undefined ? {} : { server: options.server }),
    });
    const lock = await lockAll(source, root, await actionsOfWorkflows(root), options.renew ? new Map() : before);
    const file = join(root, actionLockFile);
    await writeFile(`${file}.new`, formatActionLock(lock));
    await rename(`${file}.new`, file);
    tell(before, lock, options);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Follows actions into the actions that they use; each is looked at once. */
async function lockAll(
  source: ActionSource,
  root: string,
  used: readonly UsedAction[],
  known: ActionLock,
): Promise<ActionLock> {
  const lock = new Map<string, string>();
  const seen = new Set<string>();
  const open = [...used];
  for (let action = open.shift(); action !== undefined; action = open.shift()) {
    const name = action.kind === "local" ? action.path : `${action.repository}/${action.path}@${action.ref}`;
    if (seen.has(name)) continue;
    seen.add(name);
    if (action.kind === "local") {
      open.push(...(await actionsOfFolder(resolve(root, action.path))));
      continue;
    }
    const key = `${action.repository.toLowerCase()}@${action.ref}`;
    const sha = known.get(key);
    const one = sha === undefined ? await source.lock([action]) : new Map([[key, sha]]);
    for (const [locked, commit] of one) lock.set(locked, commit);
    const { folder } = await source.files(action, one);
    // What an action calls by a path is in its own repository, at the same commit.
    open.push(...(await actionsOfFolder(join(folder, action.path))).filter(({ kind }) => kind === "remote"));
  }
  return lock;
}

async function actionsOfWorkflows(root: string): Promise<readonly UsedAction[]> {
  const folder = join(root, usualFolder);
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new FairwayError("not_found", `there are no workflows in ${folder}`, { cause });
  });
  const used: UsedAction[] = [];
  const problems: string[] = [];
  for (const name of names.filter((one) => /\.ya?ml$/u.test(one)).sort()) {
    const reading = readWorkflow(await readFile(join(folder, name), "utf8"), `${usualFolder}/${name}`);
    if ("workflow" in reading) used.push(...usedActions(reading.workflow));
    else problems.push(...reading.problems.map(formatProblem));
  }
  if (problems.length > 0) throw new FairwayError("workflow_invalid", "the workflows have problems", { problems });
  return used;
}

/** The actions that the action in a folder uses; none when there is no action, which its run will tell. */
async function actionsOfFolder(folder: string): Promise<readonly UsedAction[]> {
  for (const name of ["action.yml", "action.yaml"]) {
    const text = await readFile(join(folder, name), "utf8").catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT" || thrown.code === "ENOTDIR") return undefined;
      throw thrown;
    });
    if (text === undefined) continue;
    const reading = readAction(text, join(folder, name));
    if ("action" in reading) return usedActions(reading.action);
    throw new FairwayError("workflow_invalid", `${folder} has no action that can be read`, {
      problems: reading.problems.map(formatProblem),
    });
  }
  return [];
}

async function lockOf(root: string): Promise<ActionLock> {
  const text = await readFile(join(root, actionLockFile), "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
  if (text === undefined) return new Map();
  const reading = readActionLock(text);
  if ("lock" in reading) return reading.lock;
  throw new FairwayError("workflow_invalid", `${actionLockFile} has problems`, {
    problems: reading.problems.map(formatProblem),
    hint: "With --renew it is written anew.",
  });
}

function tell(before: ActionLock, after: ActionLock, { json }: LockOptions): void {
  const changes = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((action) => {
    const from = before.get(action) ?? null;
    const to = after.get(action) ?? null;
    return from === to ? [] : [{ action, from, to }];
  });
  if (json) return printJson({ file: actionLockFile, actions: after.size, changes });
  for (const { action, from, to } of changes) {
    const what = from === null ? `locked to ${to}` : to === null ? "used no more" : `moved from ${from} to ${to}`;
    print(harmless(`${action}: ${what}`));
  }
  print(`${actionLockFile}: ${after.size} action${after.size === 1 ? "" : "s"}, ${changes.length} changed`);
}
