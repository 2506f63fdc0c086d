import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { FairwayError, messageOf } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, dataDirectoryOf, whoAsks } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

const run = promisify(execFile);
const sign = "# Written by fairway hooks install";

/** `fairway hooks install`: has git tell the daemon of every push to this repository. */
export async function installHooks(_words: readonly string[], options: GlobalOptions): Promise<void> {
  const hook = await hookFile();
  const there = await readFile(hook, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw thrown;
  });
  if (there !== null && !there.includes(sign))
    throw new FairwayError("not_allowed_now", `${hook} is there already, and it is not Fairway's`, {
      hint: `add this line to it: ${commandLine(await dataDirectoryOf(options))}`,
    });
  const script = `#!/bin/sh\n${sign}\n${commandLine(await dataDirectoryOf(options))}\nexit 0\n`;
  await mkdir(resolve(hook, ".."), { recursive: true });
  const fresh = `${hook}.${process.pid}.new`;
  await writeFile(fresh, script, { mode: 0o755 });
  await chmod(fresh, 0o755);
  await rename(fresh, hook);
  if (options.json) printJson({ hook });
  else print(`Git tells Fairway of every push to this repository now: ${harmless(hook)}`);
}

/** `fairway hooks remove`: takes the hook away again. */
export async function removeHooks(_words: readonly string[], options: GlobalOptions): Promise<void> {
  const hook = await hookFile();
  const there = await readFile(hook, "utf8").catch(() => "");
  const isOurs = there.includes(sign);
  if (isOurs) await rm(hook, { force: true });
  if (options.json) printJson({ removed: isOurs });
  else print(isOurs ? `Removed ${harmless(hook)}` : "There is no hook of Fairway's here.");
}

/**
 * `fairway hooks received`: tells the daemon what git's hook was told. It never fails the push: what could not be told is
 * found by the daemon when it looks next.
 */
export async function hookReceived(_words: readonly string[], options: GlobalOptions): Promise<void> {
  const moves = movesOf(await text(process.stdin));
  if (moves.length === 0) return;
  try {
    const client = await daemonClient(options);
    const { news } = await client.call("tellMoves", { moves, by: process.env["GIT_PUSHER"] ?? whoAsks() });
    if (options.json) printJson({ news });
  } catch (thrown) {
    print(`fairway: not told (${harmless(messageOf(thrown))}); the daemon looks for it when it starts`);
  }
}

/** Lines of `before after ref`; other refs than branches and tags are nobody's business. */
function movesOf(lines: string): { readonly ref: string; readonly before: string; readonly after: string }[] {
  return lines.split("\n").flatMap((line) => {
    const [, before, after, ref] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (refs\/(?:heads|tags)\/.+)$/u.exec(line) ?? [];
    return before === undefined || after === undefined || ref === undefined ? [] : [{ ref, before, after }];
  });
}

/** In the folder that git looks in, of a bare repository too. Throws `not_a_repository`. */
async function hookFile(): Promise<string> {
  try {
    const { stdout } = await run("git", ["rev-parse", "--path-format=absolute", "--git-path", "hooks"]);
    return join(stdout.trimEnd(), "post-receive");
  } catch (cause) {
    throw new FairwayError("not_a_repository", `${process.cwd()} is not inside a git repository`, { cause });
  }
}

const program = fileURLToPath(new URL("../../../bin/fairway.mjs", import.meta.url));

/** Whole, because a hook has neither our PATH nor our folder. */
const commandLine = (data: string): string =>
  [process.execPath, program, "--data", data, "hooks", "received"].map(quoted).join(" ");

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
