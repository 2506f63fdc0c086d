import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import picomatch from "picomatch";

export interface FindFilesOptions {
  readonly workspace: string;
  readonly home: string;
  /** Whether a wildcard takes names that begin with a dot. */
  readonly hidden: boolean;
}

/** Files that patterns name, and the folder that all of them stand below. */
export interface FoundFiles {
  readonly root: string;
  /** Absolute, in order. */
  readonly files: readonly string[];
}

/**
 * The files that lines of patterns name, as `@actions/glob` finds them: a folder means all that is in it, `!` takes out, `~` is
 * home. The root is the deepest folder that all patterns share.
 */
export async function findFiles(patterns: string, { workspace, home, hidden }: FindFilesOptions): Promise<FoundFiles> {
  const rules = patternsIn(patterns).map((line) => {
    const out = line.startsWith("!");
    const path = rooted(out ? line.slice(1).trim() : line, workspace, home);
    return { out, path, base: baseOf(path), matches: picomatch([path, `${path}/**`], { dot: true }) };
  });
  const bases = rules.filter(({ out }) => !out).map(({ base }) => base);
  const files = new Set<string>();
  const visit = async (path: string, dotted: boolean): Promise<void> => {
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() === true) {
      for (const name of (await readdir(path)).toSorted())
        await visit(join(path, name), dotted || name.startsWith("."));
    } else if (there?.isFile() === true && (hidden || !dotted)) {
      let wanted = false;
      for (const rule of rules) if (rule.out === wanted && rule.matches(path)) wanted = !rule.out;
      if (wanted) files.add(path);
    }
  };
  for (const base of bases) await visit(base, false);
  return { root: await sharedFolder(bases), files: [...files] };
}

/** The lines of an input that lists paths. */
export function patternsIn(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** An absolute path or pattern. */
export function rooted(path: string, workspace: string, home: string): string {
  const expanded = path === "~" || path.startsWith("~/") ? home + path.slice(1) : path;
  return isAbsolute(expanded) ? resolve(expanded) : resolve(workspace, expanded);
}

/** The deepest folders or files, absolute, in which everything lies that patterns may name. */
export const foldersOf = (
  patterns: readonly string[],
  { workspace, home }: Pick<FindFilesOptions, "workspace" | "home">,
): readonly string[] =>
  patterns.filter((pattern) => !pattern.startsWith("!")).map((pattern) => baseOf(rooted(pattern, workspace, home)));

export const isPattern = (path: string): boolean => /[*?[{]/.test(path);

function baseOf(path: string): string {
  const parts = path.split("/");
  const wild = parts.findIndex((part) => isPattern(part));
  return (wild < 0 ? parts : parts.slice(0, wild)).join("/") || "/";
}

async function sharedFolder(bases: readonly string[]): Promise<string> {
  const folders: (readonly string[])[] = [];
  for (const base of bases) {
    const there = await stat(base).catch(() => undefined);
    folders.push((there?.isDirectory() === true ? base : resolve(base, "..")).split("/"));
  }
  const [first = [""], ...others] = folders;
  const same = first.findIndex((part, index) => others.some((other) => other[index] !== part));
  return (same < 0 ? first : first.slice(0, same)).join("/") || "/";
}
