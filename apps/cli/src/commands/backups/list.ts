import type { BackupRepositoryShape } from "@fairway/api";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway backups`: all repositories, as each has them. */
export async function listBackups(_words: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("backupRepositories", {});
  if (options.json) return printJson(found);
  for (const [place, one] of found.entries()) {
    if (place > 0) print("");
    for (const line of linesOf(one)) print(line);
  }
}

function linesOf(one: BackupRepositoryShape): readonly string[] {
  const { name, environment, label, watched, problem, backups, owed, drills } = one;
  const title = environment === null ? name : `${name} (${environment})`;
  if (label === null) return [`${title}: the database is your own, and Fairway makes no backups of it`];
  const [drill] = drills;
  const rows = backups
    .toReversed()
    .map(({ id, kind, endedAt, bytes, encrypted }) => [
      ...[id.slice(0, 40), kind, endedAt.slice(0, 19), mebibytes(bytes), encrypted ? "encrypted" : "not encrypted"],
    ]);
  return [
    `${title}: ${harmless(label)}${watched ? "; made by somebody else" : ""}`,
    ...(problem === null ? [] : [`✗ it cannot be read: ${harmless(problem)}`]),
    ...(rows.length > 0 ? table(["backup", "kind", "ended", "size", ""], rows) : ["there is none yet"]),
    ...owed.map(({ duty, state, why }) => `${duty}: ${state}${why === "" ? "" : `, ${harmless(why)}`}`),
    ...(drill === undefined
      ? []
      : [
          `last drill ${drill.number}: ${drill.outcome ?? "goes on"}; RTO ${seconds(drill.rto)}, RPO ${seconds(drill.rpo)}`,
        ]),
  ];
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
const seconds = (span: number | null): string => (span === null ? "unknown" : `${(span / 1000).toFixed(1)} s`);

/** `fairway backups take`: one more, now. */
export async function takeBackup([of = "fairway"]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const made = await client.call("takeBackup", { of });
  if (options.json) return printJson(made);
  if (made === null) return print(`a backup of ${harmless(of)} has begun: fairway backups lists it once it is there`);
  print(`backup ${made.id} is in the repository (${mebibytes(made.bytes)})`);
}
