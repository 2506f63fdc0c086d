import { resolve } from "node:path";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { print, printJson } from "../output/terminal.ts";

/** `fairway backup`: while everything goes on. */
export async function backup([directory = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const made = await client.call("backup", { directory: resolve(directory) });
  if (options.json) printJson(made);
  else print(`the database is in ${made.directory} (${(made.bytes / 1024 ** 2).toFixed(1)} MiB)`);
}
