import type { Entry } from "./entry.ts";

/** Backups of Fairway's own database, drills of them, and what is taken away of the record. */
export const backupCommands: readonly Entry[] = [
  {
    usage: "backups",
    summary: "all repositories of backups, with their drills",
    more: "Fairway's own database and what ops/backups.yaml asks for, as their repositories have them: what a program's exit code said counts for nothing.",
    options: [],
    load: async () => (await import("../commands/backups/list.ts")).listBackups,
    below: [
      {
        usage: "take [name]",
        summary: "make one more now",
        load: async () => (await import("../commands/backups/list.ts")).takeBackup,
      },
    ],
  },
  {
    usage: "drill [name]",
    summary: "restore a backup apart, and look at it",
    more: "Twelve steps, each of them evidence, without a network and cleared away afterwards. Of Fairway's own database where no name is given; made each month, or as the duty drill/<name> says. Exit code 1 says that it is red, and names the step.",
    options: [["--random", "any backup of the repository, and not the newest"]],
    load: async () => (await import("../commands/backups/drills.ts")).drill,
    below: [
      {
        usage: "list",
        summary: "list drills, the newest first",
        options: [["-n, --limit <count>", "how many", "10"]],
        load: async () => (await import("../commands/backups/drills.ts")).listDrills,
      },
      {
        usage: "log [file]",
        summary: "write what drills have found into a playbook",
        more: "Into ops/playbooks/backup-restore.md where no file is named: a table between two marks, with its digest. Commit it like any change; fairway duties check tells of one that was changed by hand.",
        options: [["-n, --limit <count>", "how many drills", "24"]],
        load: async () => (await import("../commands/backups/drill-log.ts")).logDrills,
      },
    ],
  },
  {
    usage: "evidence",
    summary: "take away what is on record",
    load: async () => (await import("../commands/backups/evidence.ts")).exportBundle,
    below: [
      {
        usage: "export <release> [file]",
        summary: "write a bundle of a release, signed",
        more: "Its provenance, decisions, approvals, waivers and evidence, each row with its proof. The same record gives the same bytes.",
        load: async () => (await import("../commands/backups/evidence.ts")).exportBundle,
      },
      {
        usage: "quarter <quarter> [file]",
        summary: "write the summary of a quarter: 2026-Q4",
        options: [
          ["--form <form>", "md, csv or json (JSON Lines)", "md"],
          ["--sealed <folder>", "all forms into a folder, with a signed seal"],
        ],
        load: async () => (await import("../commands/backups/evidence.ts")).exportQuarter,
      },
    ],
  },
];
