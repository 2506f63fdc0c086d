import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Duty } from "@fairway/core";
import { millisOf } from "../duration.ts";
import type { Problem } from "../problems.ts";
import type { DutyFacts } from "./duty-of.ts";
import { writtenDuty } from "./duty-of.ts";
import type { DutySource } from "./read-duty-file.ts";
import type { WrittenBackup, WrittenBackups } from "./written-backups.ts";
import type { WrittenDuty } from "./written-duties.ts";

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
    const taken = placeOfAnother(name, backups);
    if (taken !== null)
      problems.set(
        `${name} place`,
        source.problem(
          [...at, taken.key],
          "impossible",
          `${taken.other} is kept in that ${taken.key}`,
          `give each a ${taken.key} of its own`,
        ),
      );
    for (const problem of contradictions(name, written, source)) problems.set(`${problem.message} of ${name}`, problem);
    // Evidence of another database, another key or another place shows nothing of this one.
    const digest = digestOf(written);
    for (const placed of owedFor(name, written)) {
      const found = writtenDuty({ ...placed, at: [...at, ...placed.at] }, source, facts);
      duties.push(...found.duties.map((duty) => ({ ...duty, digest })));
      // A role of both is told once, and in its own words that nobody says when it is made.
      const isWithoutTime =
        placed.written.cron === undefined && placed.at.length === 0 && placed.written.for === undefined;
      for (const problem of found.problems.filter(({ code }) => !(isWithoutTime && code === "missing")))
        problems.set(`${problem.message} of ${name}`, problem);
    }
  }
  return { duties, problems: [...problems.values()] };
}

/** What each backup owes: that it is made, that one can be restored, and that nobody deletes it. */
function owedFor(
  name: string,
  written: WrittenBackup,
): readonly { readonly id: string; readonly at: readonly string[]; readonly written: WrittenDuty }[] {
  const { environment, owner, escalation, task, automation, remind, cron, from, grace, drill } = written;
  const shared = { owner, escalation, task, automation, remind, environment };
  const { "delete-probe": probe } = written;
  const title = `Backup of ${name}`;
  const full = written.driver === "pgbackrest" ? written.full : undefined;
  return [
    isOfReleases(written)
      ? { id: `backup/${name}`, at: [], written: { ...shared, title, for: "release" } }
      : { id: `backup/${name}`, at: [], written: { ...shared, title, cron, from, grace } },
    ...(full === undefined
      ? []
      : [
          {
            id: `backup/${name}:full`,
            at: [],
            written: { ...shared, title: `Full backup of ${name}`, cron: full, from, grace },
          },
        ]),
    ...(drill === undefined
      ? []
      : [{ id: `drill/${name}`, at: ["drill"], written: { ...shared, ...drill, title: `Restore of ${name}` } }]),
    ...(probe === undefined
      ? []
      : [
          {
            id: `delete-probe/${name}`,
            at: ["delete-probe"],
            written: { ...shared, ...calendarOf(probe), title: `Backups of ${name} cannot be deleted` },
          },
        ]),
  ];
}

const calendarOf = ({ file: _file, as: _as, ...calendar }: NonNullable<WrittenBackup["delete-probe"]>) => calendar;

const isOfReleases = (written: WrittenBackup): boolean => written.driver === "restic" && written.paths === undefined;

/** What is each well alone, and not together. */
function contradictions(name: string, written: WrittenBackup, source: DutySource<unknown>): readonly Problem[] {
  const at = ["backups", name];
  const wrong = (key: string, message: string, fix: string): Problem =>
    source.problem([...at, key], "impossible", message, fix, "key");
  return [
    ...(isOfReleases(written) && written.cron !== undefined
      ? [wrong("cron", "files of releases are backed up after each deployment", "take `cron` away, or name `paths`")]
      : []),
    ...(!isOfReleases(written) && written.cron === undefined
      ? [
          source.problem(
            at,
            "missing",
            `${name} says not when it is backed up`,
            'give it a `cron` such as "15 2 * * *"',
            "key",
          ),
        ]
      : []),
    ...(written.driver === "command" && written.make === undefined && written.watch === undefined
      ? [wrong("list", "nothing makes one", "give it `make`, or `watch: true`")]
      : []),
    ...(written.monitor !== undefined &&
    written.monitor.database === undefined &&
    !("database" in written && written.database !== undefined)
      ? [wrong("monitor", "nobody knows which server is meant", "give it `database`, the name of a secret")]
      : []),
    ...(lagTurned(written)
      ? [wrong("monitor", "a standby is told of as an error before it is warned of", "let `warn` be less than `page`")]
      : []),
    ...(written.driver === "pgbackrest" && written.boot !== undefined && written.database === undefined
      ? [wrong("boot", "nobody knows which database the program is given", "give it `database`, the name of a secret")]
      : []),
  ];
}

function lagTurned({ monitor }: WrittenBackup): boolean {
  const { warn = "60s", page = "300s" } = monitor?.lag ?? {};
  return Number(millisOf(warn)) > Number(millisOf(page));
}

const plain = (directory: string): string => directory.replace(/\/+$/u, "").replaceAll(/\/{2,}/gu, "/");

/** Where backups lie that must not lie where others do. */
function placeOf(written: WrittenBackup): { readonly key: string; readonly place: string } | null {
  switch (written.driver) {
    case "pg_dump":
      return { key: "directory", place: plain(posix.normalize(written.directory)) };
    case "restic":
      return { key: "repository", place: plain(written.repository) };
    case "pgbackrest":
    case "command":
    case "aws-backup":
      return null;
  }
}

/** Whose place it is already, of those that stand before it; null where it is nobody's. */
function placeOfAnother(
  name: string,
  backups: WrittenBackups["backups"],
): { readonly key: string; readonly other: string } | null {
  const own = backups[name] === undefined ? null : placeOf(backups[name]);
  if (own === null) return null;
  for (const [other, written] of Object.entries(backups)) {
    if (other === name) return null;
    if (placeOf(written)?.place === own.place) return { key: own.key, other };
  }
  return null;
}

/** What a backup is of, whom it is encrypted for and where it lies; when it is made is none of that. */
function digestOf(written: WrittenBackup): string {
  const of = (): readonly unknown[] => {
    switch (written.driver) {
      case "pg_dump":
        return [written.database, written.recipient, plain(written.directory)];
      case "pgbackrest":
        return [written.stanza, written.config, written.repository, written.key];
      case "restic":
        return [plain(written.repository), written.password, written.paths];
      case "command":
        return [written.make, written.list, written.restore, written.verify];
      case "aws-backup":
        return [written.region, written.vault, written.resource];
    }
  };
  return createHash("sha256")
    .update(JSON.stringify([written.environment, written.driver, ...of()]))
    .digest("hex");
}
