import { readdir } from "node:fs/promises";
import { join } from "node:path";
import semver from "semver";

/**
 * The newest version of a tool in RUNNER_TOOL_CACHE (`<tool>/<version>/<arch>`, complete by a marker beside it) that a range
 * takes, with its folder.
 */
export async function cachedTool(
  toolCache: string,
  tool: string,
  range: string,
  arch: string = process.arch,
): Promise<{ readonly version: string; readonly folder: string } | undefined> {
  const folder = join(toolCache, tool);
  const versions = await namesIn(folder);
  const complete: string[] = [];
  for (const version of versions) {
    const names = await namesIn(join(folder, version));
    if (semver.valid(version) !== null && names.includes(arch) && names.includes(`${arch}.complete`))
      complete.push(version);
  }
  const version = semver.maxSatisfying(complete, range);
  return version === null ? undefined : { version, folder: join(folder, version, arch) };
}

/** A range of versions out of what people write: `20`, `v20.x`, `lts/*`, `node`, `3.11`, `>=1.5`. */
export function rangeOf(written: string): string {
  const text = written.trim().replace(/^v(?=\d)/, "");
  if (["", "*", "node", "latest", "current", "lts/*", "lts", "-1"].includes(text)) return "*";
  const named = ltsNames[text.replace(/^lts\//, "").toLowerCase()];
  return named ?? text;
}

const ltsNames: Readonly<Record<string, string>> = {
  gallium: "16",
  hydrogen: "18",
  iron: "20",
  jod: "22",
  krypton: "24",
};

/** Whether a version is within a range; a range that cannot be read takes nothing. */
export function isWithin(version: string, range: string): boolean {
  const found = semver.coerce(version);
  return found !== null && semver.validRange(range) !== null && semver.satisfies(found, range);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // No such folder: no such tool.
  }
}
