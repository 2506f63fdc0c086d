import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { FairwayError } from "@fairway/core";
import { cleanEnvironment, type CommandUser } from "../commands/run-as.ts";

/**
 * Runs a small program of the system as another user, and gives its exit code. Throws `command_failed` when it cannot be
 * started or takes longer than a minute.
 */
export async function asUser(
  { uid, gid }: CommandUser,
  [program, ...args]: readonly [string, ...string[]],
): Promise<number> {
  try {
    // Becoming another user drops the groups of root too.
    await promisify(execFile)(program, args, { uid, gid, cwd: "/", env: cleanEnvironment, timeout: 60_000 });
    return 0;
  } catch (thrown) {
    const { code, killed } = thrown as { readonly code?: unknown; readonly killed?: boolean };
    if (typeof code === "number" && killed !== true) return code;
    throw new FairwayError("command_failed", `could not run ${program} as user ${uid}`, {
      cause: thrown,
      retryable: true,
    });
  }
}
