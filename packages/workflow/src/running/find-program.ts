import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** The absolute path of a program along a PATH, as a shell in `cwd` would find it; undefined when it is nowhere. */
export async function findProgram(name: string, path: string, cwd: string): Promise<string | undefined> {
  const candidates = name.includes("/")
    ? [isAbsolute(name) ? name : resolve(cwd, name)]
    : path
        .split(delimiter)
        .filter((folder) => folder !== "")
        .map((folder) => resolve(cwd, join(folder, name)));
  for (const candidate of candidates) {
    if (await isProgram(candidate)) return candidate;
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false; // Not there, or not for us to run: the next folder may have it.
  }
}
