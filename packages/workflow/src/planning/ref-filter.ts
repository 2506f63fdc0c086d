import type { RefFilter } from "../model/triggers.ts";
import { fitsPattern } from "./filter-pattern.ts";

/** Whether a filter lets one branch or tag through. Later patterns override earlier ones. */
export function letsThrough(filter: Pick<RefFilter, "ignore" | "patterns">, name: string): boolean {
  if (filter.ignore) return !filter.patterns.some((pattern) => fitsPattern(pattern, name));
  let through = false;
  for (const pattern of filter.patterns) {
    if (pattern.startsWith("!")) through &&= !fitsPattern(pattern.slice(1), name);
    else through ||= fitsPattern(pattern, name);
  }
  return through;
}

/** Whether a filter on paths lets a change through: one path that it wants, or that it does not ignore, is enough. */
export function letsPathsThrough(filter: RefFilter, paths: readonly string[]): boolean {
  return paths.some((path) => letsThrough(filter, path));
}
