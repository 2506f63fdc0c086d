import { LineCounter, parseDocument } from "yaml";
import type { Problem } from "../model/place.ts";

/** Where the lock stands in a repository. */
export const actionLockFile = ".github/fairway-actions.lock";

/** The commit that each action was seen at: `owner/name@ref` → sha. A tag can be moved by its owner, a commit cannot. */
export type ActionLock = ReadonlyMap<string, string>;

const isSha = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** Reads a lock; every line that is not understood is a problem, because a lock that is half heeded protects nobody. */
export function readActionLock(
  text: string,
  file: string = actionLockFile,
): { readonly lock: ActionLock } | { readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const place = (offset: number): Problem["place"] => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems: Problem[] = document.errors.map(({ message, pos }) => ({ message, file, place: place(pos[0]) }));
  if (problems.length > 0) return { problems };
  const read: unknown = document.toJS({ maxAliasCount: 0 });
  const actions = isObject(read) && read["version"] === 1 ? read["actions"] : undefined;
  if (!isObject(actions)) {
    const message = "an action lock has `version: 1` and `actions:` with a line for each action";
    return { problems: [{ message, file, place: { line: 1, column: 1 }, hint: renew }] };
  }
  const lock = new Map<string, string>();
  for (const [key, sha] of Object.entries(actions)) {
    if (/^[\w.-]+\/[\w.-]+@\S+$/.test(key) && typeof sha === "string" && isSha(sha)) {
      lock.set(keyOf(key), sha);
      continue;
    }
    const offset = text.indexOf(key);
    const message = `"${key}" is locked to no commit: owner/name@ref and a sha of 40 digits are wanted`;
    problems.push({ message, file, place: place(Math.max(0, offset)), hint: renew });
  }
  return problems.length > 0 ? { problems } : { lock };
}

/** The lock as a file, its lines in order so that a change of one action is a change of one line. */
export function formatActionLock(lock: ActionLock): string {
  const lines = [...lock]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, sha]) => `  ${key}: ${sha}\n`);
  return `# The commits of the actions that workflows use. Review a change here like a change of code.\nversion: 1\nactions:${lines.length === 0 ? " {}" : ""}\n${lines.join("")}`;
}

/** The commit that a reference stands for: itself when it is one, otherwise the locked one. */
export function lockedSha(lock: ActionLock, repository: string, ref: string): string | undefined {
  return isSha(ref) ? ref : lock.get(keyOf(`${repository}@${ref}`));
}

/** What to do about a lock that lacks something. */
export const renew = "Renew the lock with `fairway workflow lock` and review what changed.";

/** Owners and names are told apart without regard to case; refs are not. */
export function keyOf(reference: string): string {
  const at = reference.indexOf("@");
  return reference.slice(0, at).toLowerCase() + reference.slice(at);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
