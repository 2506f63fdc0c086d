import { isAbsolute } from "node:path";
import { FairwayError } from "@fairway/core";

/**
 * The path of a log as it is given, after a look: a path that was never set would become a file named `undefined` in
 * whatever directory the daemon was started from.
 */
export function logPath(path: string): string {
  if (typeof path === "string" && isAbsolute(path) && !path.includes("\0")) return path;
  throw new FairwayError("internal", `a log needs an absolute path, not ${JSON.stringify(path) ?? "nothing"}`);
}
