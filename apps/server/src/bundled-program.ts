import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** What a bundle's `package.json` says: when each file that tells of a build was written, by its path from there. */
interface Bundle {
  readonly of: Readonly<Record<string, number>>;
}

/**
 * The file that a program is started with, of a folder that the compiler writes to: its bundle, which is there sooner,
 * unless something was compiled since.
 */
export async function bundledProgram(built: string): Promise<string> {
  const folder = join(built, "bundled");
  return (await isOfThisBuild(folder)) ? join(folder, "main.js") : join(built, "main.js");
}

async function isOfThisBuild(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => null);
  if (text === null) return false;
  const { of } = JSON.parse(text) as Bundle;
  const same = Object.entries(of).map(async ([file, at]) => {
    const found = await stat(join(folder, file)).catch(() => null);
    return found?.mtimeMs === at;
  });
  return (await Promise.all(same)).every(Boolean);
}
