import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import picomatch from "picomatch";

/** What hashFiles may look at, and for how long. */
export interface HashFilesOptions {
  readonly workspace: string;
  readonly home: string;
  /** 120 s when not given, as in the official runner. */
  readonly limit?: Millis;
}

/**
 * The `hashFiles` function: one SHA-256 over the digests of all files below the workspace that the patterns name, in the
 * order of their paths; empty when there are none. A later pattern overrides an earlier one and `!` takes out. Symbolic
 * links are not followed, except after `--follow-symbolic-links`. Throws a sentence when it takes too long.
 */
export function hashFiles(patterns: readonly string[], options: HashFilesOptions): string {
  const work = hashing(patterns, options);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** The same, letting others have their turn: a large workspace takes seconds, and a daemon has more to do. */
export async function hashFilesInTurns(patterns: readonly string[], options: HashFilesOptions): Promise<string> {
  const work = hashing(patterns, options);
  for (let turn = performance.now(); ;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (performance.now() - turn < longestTurn) continue;
    await setImmediate();
    turn = performance.now();
  }
}

const longestTurn: Millis = 5;

/** Does the work in small pieces. */
function* hashing(patterns: readonly string[], options: HashFilesOptions): Generator<undefined, string> {
  const follow = patterns[0] === "--follow-symbolic-links";
  const rules = (follow ? patterns.slice(1) : patterns)
    .flatMap((pattern) => pattern.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ruleOf(line, options));
  const limit = options.limit ?? 120_000;
  const deadline = performance.now() + limit;
  const total = createHash("sha256");
  let found = false;
  // A folder that no wanted pattern can reach into is not opened: `node_modules` is most of a workspace.
  const walk = function* (folder: string, depth: number): Generator<undefined, void> {
    yield undefined;
    if (performance.now() > deadline) {
      throw new RangeError(`hashFiles('${patterns.join("', '")}') couldn't finish within ${limit / 1000} seconds.`);
    }
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted(byName)) {
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? (follow ? kindOf(path) : "other") : entry.isDirectory() ? "folder" : "file";
      if (kind === "folder" && depth < 100 && rules.some((rule) => !rule.out && rule.mayHold(path))) {
        yield* walk(path, depth + 1);
      } else if (kind === "file" && isWanted(path, rules)) {
        total.update(yield* digestOf(path));
        found = true;
      }
    }
  };
  yield* walk(options.workspace, 0);
  return found ? total.digest("hex") : "";
}

interface Rule {
  readonly out: boolean;
  readonly matches: (path: string) => boolean;
  readonly mayHold: (folder: string) => boolean;
}

function ruleOf(line: string, { workspace, home }: HashFilesOptions): Rule {
  const out = line.startsWith("!");
  const written = out ? line.slice(1).trim() : line;
  const rooted = written === "~" || written.startsWith("~/") ? home + written.slice(1) : written;
  const pattern = (isAbsolute(rooted) ? rooted : `${literal(workspace)}/${rooted.replace(/^(?:\.\/)+/, "")}`).replace(
    /\/+$/,
    "",
  );
  const matches = picomatch([pattern, `${pattern}/**`], { dot: true });
  const base = baseOf(pattern);
  return {
    out,
    matches,
    mayHold: (folder) => folder === base || isBelow(folder, base) || isBelow(base, folder),
  };
}

function isWanted(path: string, rules: readonly Rule[]): boolean {
  let wanted = false;
  for (const rule of rules) {
    if (rule.out === wanted && rule.matches(path)) wanted = !rule.out;
  }
  return wanted;
}

/** The part of a pattern before its first wildcard: only folders on the way to it or below it can match. */
function baseOf(pattern: string): string {
  const parts = pattern.split("/");
  const wild = parts.findIndex((part) => /[*?[{(!\\]/.test(part));
  return (wild < 0 ? parts : parts.slice(0, wild)).join("/");
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`);
}

function kindOf(path: string): "file" | "folder" | "other" {
  const there = statSync(path, { throwIfNoEntry: false });
  return there?.isFile() === true ? "file" : there?.isDirectory() === true ? "folder" : "other";
}

function* digestOf(path: string): Generator<undefined, Buffer> {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    const piece = Buffer.allocUnsafe(64 * 1024);
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      hash.update(piece.subarray(0, read));
      yield undefined;
    }
  } finally {
    closeSync(file);
  }
  return hash.digest();
}

const literal = (path: string): string => path.replaceAll(/[\\*?[\]{}()!+@|]/g, String.raw`\$&`);

/** By bytes, as the C library sorts a folder in the C locale. */
const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
