import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { CommandAs, ServerUser } from "./server-user.ts";
import { serverEnvironment } from "./server-user.ts";

// Whatever was started in a place of its own ends with what started it: also when that is killed.
const apart = ["--pid", "--fork", "--kill-child", "--mount-proc"];
// Only root of a namespace may bring its loopback up, and what follows is not root any more: all words come as arguments.
const withLoopback = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"];

/** The command that runs a program as a server user without a network but its own loopback, where it outlives nobody. */
export function commandApart(user: ServerUser, program: string, args: readonly string[]): CommandAs {
  const inside = ["--", program, ...args];
  switch (user.kind) {
    case "self":
    case "user-namespace": {
      const inner = ["unshare", "--user", "--map-user=1000", "--map-group=1000", ...apart, ...inside];
      return held(["--user", "--map-root-user", "--net", "--", ...withLoopback, ...inner]);
    }
    case "unprivileged": {
      const as = ["--", "setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
      return held(["--net", "--", ...withLoopback, "unshare", ...apart, ...as, ...inside]);
    }
  }
}

const held = (args: readonly string[]): CommandAs => ({
  file: "setpriv",
  args: ["--pdeathsig", "KILL", "--", "unshare", ...args],
  identity: {},
});

/** Why nothing can be run apart on this machine; null where it can. */
export async function whyNotApart(user: ServerUser, program: string): Promise<string | null> {
  const { file, args } = commandApart(user, program, ["--version"]);
  return new Promise((resolve) => {
    execFile(file, args, { env: serverEnvironment, cwd: "/", timeout: 10_000 }, (error, _stdout, stderr) =>
      resolve(error === null ? null : stderr.trim() || error.message),
    );
  });
}

/** A program that runs apart. */
export interface Apart {
  readonly process: ChildProcess;
  /** Once it has ended, with what it said last. */
  readonly ended: Promise<string>;
  /** Ends it and all that it has started, and waits for that. May be repeated. */
  end(): Promise<void>;
}

/** Starts a command of `commandApart`. */
export function startApart({ file, args }: CommandAs, cwd: string, env: NodeJS.ProcessEnv = serverEnvironment): Apart {
  const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const hear = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-4_000);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(said.trim() === "" ? `it ended with ${signal ?? code}` : said.trim()));
  });
  return {
    process: child,
    ended,
    async end() {
      // The whole namespace goes with its first process, and pipes close once none of them is left.
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}
