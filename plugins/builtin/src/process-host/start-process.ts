import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { FairwayError, messageOf } from "@fairway/core";
import type { ProcessIdentity } from "./process-identity.ts";
import { identityOf } from "./process-identity.ts";
import type { HeldLimits } from "./replica-limits.ts";
import type { ReplicaFiles } from "./replica-record.ts";
import type { Start } from "./start-obstacle.ts";

const shim = fileURLToPath(new URL("../../shim/replica-shim.sh", import.meta.url));

/** A shim that was started, and word of its end. */
export interface StartedShim {
  readonly identity: ProcessIdentity;
  readonly ended: Promise<void>;
}

/** Takes away what an earlier replica of the same name left, but for its log, which goes on. */
export async function clearTraces(files: ReplicaFiles): Promise<void> {
  await Promise.all([files.begun, files.pid, files.exit].map((path) => rm(path, { force: true })));
}

/**
 * Starts a command under a shim, in a session of its own, writing straight into its log: nothing of it hangs on us.
 * Throws `command_failed` when the system has no room for another process.
 */
export async function startProcess(
  start: Start,
  files: ReplicaFiles,
  held: Pick<HeldLimits, "wrap" | "words"> = { wrap: [], words: [] },
): Promise<StartedShim> {
  const log = openSync(files.log, "a", 0o600);
  const child = (() => {
    try {
      const words = [...held.wrap, "/bin/sh", shim, files.home, ...held.words, "--", ...start.command];
      return spawn(words[0] as string, words.slice(1), {
        cwd: start.directory,
        env: start.env,
        detached: true,
        stdio: ["ignore", log, log],
      });
    } finally {
      closeSync(log);
    }
  })();
  child.unref();
  // Looked at before anything is awaited: until then Node has not taken the exit of its child, so the pid is its own.
  const identity = child.pid === undefined ? null : identityOf(child.pid);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  if (identity !== null) {
    child.once("error", () => undefined);
    return { identity, ended };
  }
  const thrown = await new Promise<unknown>((resolve) => child.once("error", resolve));
  throw new FairwayError("command_failed", `could not start ${start.command[0]}: ${messageOf(thrown)}`, {
    cause: thrown,
    retryable: true,
  });
}
