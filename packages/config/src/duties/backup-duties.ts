import { createHash } from "node:crypto";
import type { Duty, PlannedBackup } from "@fairway/core";
import { millisOf } from "../duration.ts";
import type { Problem } from "../problems.ts";
import type { DutyFacts } from "./duty-of.ts";
import { writtenDuty } from "./duty-of.ts";
import type { DutySource } from "./read-duty-file.ts";
import type { WrittenBackups } from "./written-duties.ts";

/** Backups of databases, as the file asks for them. */
export const backupsOf = ({ backups }: WrittenBackups): readonly PlannedBackup[] =>
  Object.entries(backups).map(([name, written]) => {
    const { environment, driver, database, recipient, identity, directory } = written;
    const { keep = 14, roles = [], heartbeat = null, rpo = "15m" } = written;
    return {
      ...{ name, environment, driver, database, recipient, identity, directory, keep, roles, heartbeat },
      rpo: millisOf(rpo) ?? 0,
    };
  });

/** Fairway's own database has these names. */
const reserved = "fairway";

/** What is owed of backups: that each is made in its time, and that one can be restored. */
export function backupDuties(
  source: DutySource<unknown>,
  { backups }: WrittenBackups,
  facts: DutyFacts,
): { readonly duties: readonly Duty[]; readonly problems: readonly Problem[] } {
  const duties: Duty[] = [];
  const problems = new Map<string, Problem>();
  for (const [name, written] of Object.entries(backups)) {
    const at = ["backups", name];
    const { environment, owner, escalation, task, automation, remind, cron, from, grace, drill } = written;
    const shared = { owner, escalation, task, automation, remind, environment };
    if (name === reserved)
      problems.set(
        name,
        source.problem(
          at,
          "impossible",
          `${reserved} is Fairway's own database, which backs itself up`,
          "name it for what is in it",
          "key",
        ),
      );
    const taken = directoryOfAnother(name, backups);
    if (taken !== null)
      problems.set(
        `${name} directory`,
        source.problem(
          [...at, "directory"],
          "impossible",
          `${taken} is kept in that directory`,
          "give each a directory of its own",
        ),
      );
    // Evidence of another database, another key or another place shows nothing of this one.
    const digest = digestOf(written);
    for (const placed of [
      {
        id: `backup/${name}`,
        at,
        written: { ...shared, title: `Backup of ${name}`, cron, from, grace },
      },
      ...(drill === undefined
        ? []
        : [
            {
              id: `drill/${name}`,
              at: [...at, "drill"],
              written: { ...shared, ...drill, title: `Restore of ${name}` },
            },
          ]),
    ]) {
      const found = writtenDuty(placed, source, facts);
      duties.push(...found.duties.map((duty) => ({ ...duty, digest })));
      // A role of both is told once.
      for (const problem of found.problems) problems.set(`${problem.message} of ${name}`, problem);
    }
  }
  return { duties, problems: [...problems.values()] };
}

const plain = (directory: string): string => directory.replace(/\/+$/u, "").replaceAll(/\/{2,}/gu, "/");

/** Whose directory it is already, of those that stand before it; null where it is nobody's. */
function directoryOfAnother(name: string, backups: WrittenBackups["backups"]): string | null {
  const own = backups[name]?.directory;
  for (const [other, { directory }] of Object.entries(backups)) {
    if (other === name) return null;
    if (own !== undefined && plain(directory) === plain(own)) return other;
  }
  return null;
}

const digestOf = ({ environment, driver, database, recipient, directory }: WrittenBackups["backups"][string]): string =>
  createHash("sha256")
    .update(JSON.stringify([environment, driver, database, recipient, plain(directory)]))
    .digest("hex");
