import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Runs a command of the CLI before the person's eyes; gives its exit code. */
export async function fairway(context, args, env = {}) {
  console.log(`\n$ fairway ${args.join(" ")}`);
  return exitCode(start(context, args, "inherit", env));
}

/** Runs a command of the CLI without showing it; throws what it said when it fails. */
export async function fairwayQuietly(context, args) {
  const child = start(context, args, ["ignore", "ignore", "pipe"], {});
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  if ((await exitCode(child)) !== 0) throw new Error(said);
}

function start({ root, repository, data, signal }, args, stdio, env) {
  const program = join(root, "apps", "cli", "bin", "fairway.mjs");
  return spawn(process.execPath, [program, "--data", data, ...args], {
    cwd: args[0] === "down" ? root : repository,
    stdio,
    // A question that nobody answers any more must not keep the demo from its end.
    ...(args[0] === "down" ? {} : { signal }),
    // In a group of its own: Ctrl-C, pressed once more, must not end what is ending everything.
    detached: args[0] === "down",
    env: { ...process.env, ...env },
  });
}

async function exitCode(child) {
  const [code, signal] = await once(child, "close");
  if (signal) throw new Error(`fairway was ended by ${signal}`);
  return code;
}
