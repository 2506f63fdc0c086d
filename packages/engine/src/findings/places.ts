import { realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The path of a file relative to the repository, with `/`, of however a tool names it; null when it is not in it. */
export type Places = (named: string) => string | null;

/** For a tool that ran in `directory` of a checkout at `root`; both absolute. Tools name files by the real path, too. */
export function placesIn(root: string, directory: string): Places {
  const roots = [...new Set([root, real(root)])];
  return (named) => {
    const path = pathOf(named);
    if (path === null) return null;
    for (const [from, base] of [
      ...roots.map((one) => [one, directory] as const),
      [real(root), real(directory)] as const,
    ]) {
      const inside = relative(from, resolve(base, path));
      if (inside !== "" && inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside))
        return inside.replaceAll(sep, "/");
    }
    return null;
  };
}

function pathOf(named: string): string | null {
  if (named === "" || named.includes("\0")) return null;
  if (!named.startsWith("file:")) return named;
  try {
    return fileURLToPath(named);
  } catch {
    return null; // No address of a file here: of another machine, say.
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // It is gone, and nothing can be relative to it.
  }
}
