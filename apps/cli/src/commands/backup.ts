import { resolve } from "node:path";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { print, printJson } from "../output/terminal.ts";

interface BackupOptions extends GlobalOptions {
  readonly withKey?: string;
}

/** `fairway backup`: while everything goes on. The key that opens the secrets in it never goes into it. */
export async function backup([directory = ""]: readonly string[], options: BackupOptions): Promise<void> {
  const client = await daemonClient(options);
  const keyFile = options.withKey === undefined ? null : resolve(options.withKey);
  const made = await client.call("backup", { directory: resolve(directory), keyFile });
  if (options.json) return printJson(made);
  print(`the database is in ${made.directory} (${(made.bytes / 1024 ** 2).toFixed(1)} MiB)`);
  if (made.keys.length === 0) return;
  print(`the key that opens its secrets is not in it: ${made.keys.join(", ")}`);
  if (keyFile === null)
    print("→ keep it elsewhere: fairway backup <directory> --with-key FILE, or copy the key's file");
  else print(`→ it is in ${keyFile}: keep that apart from the backup`);
}
