import { execFile } from "node:child_process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FairwayError, type Millis } from "@fairway/core";

/** What git answered: its output, or that it said no and why. */
export type GitAnswer =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly status: number; readonly reason: string };

export interface GitOptions {
  readonly input?: string;
  readonly timeout?: Millis;
  /** Fetches from a path of this machine, and from nowhere else. */
  readonly fromPath?: boolean;
  /** Sent to a server of this address and to no other; not in the arguments, where everybody could read it. */
  readonly login?: { readonly url: string; readonly header: string } | undefined;
}

/** What submodules may be fetched over; what else the repository names it must hold itself. */
export const allowedProtocols: readonly string[] = ["https", "ssh"];

/** How long git may take for what is on this machine. */
export const localTimeout: Millis = 60_000;
/** The most that git may answer, in bytes. */
export const mostOutput: number = 64 * 1024 * 1024;

/**
 * Passed on from the daemon: what git needs to find its programs, its user's settings and keys, and the network. Not
 * passed on is GIT_DIR and its like, which a daemon started from a git hook would carry into every repository.
 */
const passedOn =
  /^(?:PATH|HOME|USER|TMPDIR|XDG_CONFIG_HOME|SSH_AUTH_SOCK|GIT_SSH|GIT_SSH_COMMAND|GIT_EXEC_PATH|GIT_CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|(?:https?|no|all)_proxy)$/i;

/**
 * Settings that let a repository, or whoever wrote to it, run programs or ask questions. System and user files still count:
 * `safe.directory` is there.
 */
const hardened = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.pager=cat",
  "core.quotePath=false",
  "init.templateDir=",
  "log.showSignature=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "advice.detachedHead=false",
  "submodule.recurse=false",
];

/**
 * Runs git with words and never a shell. An answer of "no" is a value; it throws `git_missing`, and `deadline_passed`
 * when git took longer than it may.
 */
export async function runGit(
  directory: string,
  words: readonly string[],
  options: GitOptions = {},
): Promise<GitAnswer> {
  const { input, timeout = localTimeout, fromPath = false, login } = options;
  await startTurn();
  return new Promise((resolve, reject) => {
    const git = execFile(
      "git",
      gitArguments(directory, words),
      {
        env: { ...gitEnvironment(fromPath), ...loginWords(login) },
        maxBuffer: mostOutput,
        timeout,
        killSignal: "SIGKILL",
        encoding: "utf8",
      },
      (error, output, said) => {
        if (error === null) return resolve({ ok: true, output });
        if (error.code === "ENOENT") return reject(gitMissing(error));
        if (error.killed === true && error.signal === "SIGKILL") return reject(tooLong(words, timeout, error));
        if (typeof error.code !== "number") return reject(notRun(words, error));
        resolve({ ok: false, status: error.code, reason: reasonOf(said) });
      },
    );
    // Git may end before it read all; that is in its answer.
    git.stdin?.on("error", () => undefined);
    git.stdin?.end(input);
  });
}

/** The arguments of a git that works on a directory and runs nothing that somebody wrote into it. */
export const gitArguments = (directory: string, words: readonly string[]): string[] => [
  "-C",
  directory,
  ...hardened.flatMap((setting) => ["-c", setting]),
  ...words,
];

let lastStart: Promise<void> = Promise.resolve();

/**
 * One start in each turn of the event loop: it takes the thread for 3 to 10 ms, and a release checks out all its services
 * at once while people ask other things.
 */
export const startTurn = (): Promise<void> => (lastStart = lastStart.then(() => nextTurn()));

/** All that git learns of the daemon's environment. */
export function gitEnvironment(fromPath = false): Record<string, string> {
  const kept = Object.entries(process.env).filter((entry): entry is [string, string] => passedOn.test(entry[0]));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "true",
    SSH_ASKPASS: "true",
    GIT_SSH_COMMAND: process.env["GIT_SSH_COMMAND"] ?? "ssh -oBatchMode=yes",
    GIT_PAGER: "cat",
    // Overrules whatever `protocol.*.allow` says anywhere.
    GIT_ALLOW_PROTOCOL: fromPath ? "file" : allowedProtocols.join(":"),
    GIT_OPTIONAL_LOCKS: "0",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
  };
}

/** Git takes settings from its surroundings too. */
const loginWords = (login: GitOptions["login"]): Record<string, string> =>
  login === undefined
    ? {}
    : {
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: `http.${login.url}.extraHeader`,
        GIT_CONFIG_VALUE_0: login.header,
      };

/** Git's own sentence without its prefix; what it adds as advice is for people at a terminal. */
function reasonOf(said: string): string {
  const lines = said.split("\n").map((line) => line.trim());
  const first = lines.find((line) => /^(?:fatal|error):/.test(line)) ?? lines.findLast((line) => line !== "") ?? "";
  return first.replace(/^(?:fatal|error): /, "").replaceAll(/(\w+:\/\/)[^/@\s]+@/g, "$1***@") || "git gave no reason";
}

const gitMissing = (cause: unknown): FairwayError =>
  new FairwayError("git_missing", "the program git is not on the PATH", {
    hint: "Install it, for example with: apt install git",
    cause,
  });

const notRun = (words: readonly string[], cause: Error): FairwayError =>
  new FairwayError("command_failed", `git ${words[0] ?? ""} could not be run: ${cause.message}`, { cause });

const tooLong = (words: readonly string[], timeout: Millis, cause: unknown): FairwayError =>
  new FairwayError("deadline_passed", `git ${words[0] ?? ""} took longer than ${timeout / 1000} s`, {
    retryable: true,
    cause,
  });
