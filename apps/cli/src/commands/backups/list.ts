import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway backups`: as their repository has them. */
export async function listBackups(_words: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("backups", {});
  if (options.json) return printJson(found);
  if (found.label === null) return print("the database is your own: Fairway makes no backups of it");
  print(harmless(found.label));
  if (found.backups.length === 0) return print("there is none yet");
  const rows = found.backups.map(({ id, kind, endedAt, bytes, encrypted }) => [
    ...[
      id,
      kind,
      endedAt.slice(0, 19),
      `${(bytes / 1024 ** 2).toFixed(1)} MiB`,
      encrypted ? "encrypted" : "not encrypted",
    ],
  ]);
  for (const line of table(["backup", "kind", "ended", "size", ""], rows)) print(line);
}

/** `fairway backups take`: one more, now. */
export async function takeBackup(_words: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const made = await client.call("takeBackup", {});
  if (options.json) return printJson(made);
  print(`backup ${made.id} is in the repository (${(made.bytes / 1024 ** 2).toFixed(1)} MiB)`);
}
