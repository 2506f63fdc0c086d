import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, openSync, realpathSync } from "node:fs";
import { connect } from "node:net";
import type { RouterArguments } from "./arguments.ts";
import { bindUnix } from "./listening-socket.ts";
import type { StartProblem } from "./start-problem.ts";

/** What is said to the second router of a directory. */
export const alreadyRunning = (directory: string): StartProblem => ({
  code: "already_running",
  message: `a router already runs in ${directory}`,
});

/** Makes the directory the owner's own and opens the log: its descriptor. */
export function openLog({ directory, log }: RouterArguments): number | StartProblem {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    return log === null ? 2 : openSync(log, "a", 0o600);
  } catch (error) {
    return { code: "data_directory_unusable", message: `could not use ${directory}: ${String(error)}` };
  }
}

/**
 * Makes this process the directory's only holder, for as long as it lives. An abstract socket needs no cleaning up after
 * a crash, and taking it is one step; other systems than Linux have none and rely on the port being taken.
 */
export function lockDirectory(directory: string): "taken" | "ours" {
  if (process.platform !== "linux") return "ours";
  const name = createHash("sha256").update(realpathSync(directory)).digest("hex");
  return "code" in bindUnix(`\0fairway-router-${name}`) ? "taken" : "ours";
}

/** Whether somebody listens at a unix socket. */
export function answers(path: string): Promise<boolean> {
  return new Promise((tell) => {
    const socket = connect({ path });
    socket.on("connect", () => {
      socket.destroy();
      tell(true);
    });
    socket.on("error", () => tell(false));
  });
}
