import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { FairwayError } from "@fairway/core";
import type { WrittenDaemonOptions } from "@fairway/server";
import { daemonOptions, rememberedOptions, systemdUnit } from "@fairway/server";
import type { GlobalOptions } from "../context.ts";
import { dataDirectoryOf, repositoryHere } from "../context.ts";
import { print, printJson } from "../output/terminal.ts";
import { sure } from "./ask.ts";

interface InstallOptions extends GlobalOptions, Omit<WrittenDaemonOptions, "dataDirectory" | "repository" | "host"> {
  readonly user?: boolean;
  readonly print?: boolean;
}

/** `fairway install`: writes a unit of systemd for this repository's daemon. Never starts or enables anything. */
export async function install(_args: readonly string[], options: InstallOptions): Promise<void> {
  const repository = resolve(await repositoryHere());
  const dataDirectory = await dataDirectoryOf(options);
  const name = `fairway-${basename(dataDirectory).replaceAll(/[^\w.-]/g, "-")}.service`;
  const unit = systemdUnit({
    project: basename(repository),
    options: daemonOptions(
      { ...options, dataDirectory, repository, host: "127.0.0.1" },
      await rememberedOptions(dataDirectory),
    ),
    user: options.user ? null : userInfo().username,
    node: process.execPath,
    path: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
  });
  const file = join(directoryOf(options), name);
  const commands = commandsFor(name, options);
  if (options.print) return options.json ? printJson({ file, unit, commands, written: false }) : print(unit.trimEnd());
  if (!existsSync("/run/systemd/system"))
    throw new FairwayError("not_allowed_now", "systemd does not run this machine, so it would not read a unit", {
      hint: "to see it all the same: fairway install --print",
    });
  // The unit starts in it.
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  await write(file, unit, options);
  if (options.json) return printJson({ file, unit, commands, written: true });
  print(`wrote ${file}`);
  print("nothing was started; to start it now and with the machine:");
  for (const command of commands) print(`  ${command}`);
}

const directoryOf = ({ user }: InstallOptions): string =>
  user ? join(process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "systemd", "user") : "/etc/systemd/system";

/** Without lingering a user's systemd ends with the last login, and everything in it. */
const commandsFor = (name: string, { user }: InstallOptions): readonly string[] =>
  user
    ? [
        `loginctl enable-linger ${userInfo().username}`,
        "systemctl --user daemon-reload",
        `systemctl --user enable --now ${name}`,
      ]
    : ["systemctl daemon-reload", `systemctl enable --now ${name}`];

async function write(file: string, unit: string, options: InstallOptions): Promise<void> {
  const before = await readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw refused(file, thrown);
  });
  if (before === unit) return;
  if (before !== null && !(await sure(`${file} is there and differs. Write over it?`, options)))
    throw new FairwayError("not_allowed_now", `${file} was left as it is`);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, unit, { mode: 0o644 });
  } catch (thrown) {
    throw refused(file, thrown);
  }
}

const refused = (file: string, cause: unknown): FairwayError =>
  new FairwayError("not_allowed_now", `cannot write ${file}`, {
    cause,
    hint: `as root: fairway install --print | sudo tee ${file}; for you alone: fairway install --user`,
  });
