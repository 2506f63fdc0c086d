// Becomes another user for good and runs one command as it: the last step between root and a command that is not ours. It
// imports nothing but Node, since it is loaded as root, and it is told what to do on a descriptor that nobody else has.

import { spawn } from "node:child_process";
import { closeSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";
import type { RunAs } from "./run-as.ts";

/** As a shell says it: the program could not be started. */
const cannotStart = 126;

const toldOn = 4;
const { user, argv, cwd, env } = JSON.parse(readFileSync(toldOn, "utf8")) as RunAs;
closeSync(toldOn);

// In this order: who is no longer root may change neither groups nor user.
process.setgroups?.([]);
process.setgid?.(user.gid);
process.setuid?.(user.uid);
if (
  process.getuid?.() !== user.uid ||
  process.geteuid?.() !== user.uid ||
  process.getgroups?.().some((id) => id === 0)
) {
  process.stderr.write("could not become the user that steps run as\n");
  process.exit(cannotStart);
}

// Signals go to the whole group: the command gets them itself, and how it ends is what is told.
for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR2"] as const)
  process.on(signal, () => undefined);

function cannot(thrown: unknown): never {
  process.stderr.write(`${argv[0]}: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exit(cannotStart);
}

try {
  process.chdir(cwd);
} catch (thrown) {
  cannot(thrown);
}
const [program = "", ...args] = argv;
const child = spawn(program, args, { cwd, env: { ...env }, stdio: "inherit" });
child.once("error", cannot);
child.once("exit", (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
