import type { Entry } from "./entry.ts";

/** The record of changes, decisions and refusals. */
export const auditCommands: Entry = {
  usage: "audit [subject]",
  summary: "who changed, decided and was refused what",
  more: "Without a word below, the newest entries, or those of a run, a release or a secret.",
  load: async () => (await import("../commands/audit/audit.ts")).listAudit,
  below: [
    {
      usage: "list [subject]",
      summary: "list entries, the newest first",
      more: "Of everything, or of one run, release or secret.",
      options: [
        ["--actor <name>", "of this person or token"],
        ["--action <word>", "secret.set, or an area: secret"],
        ["--env <environment>", "of this environment"],
        ["--since <time>", "from this day or moment on: 2026-11-22"],
        ["--until <time>", "before this day or moment"],
        ["--before <row>", "only rows before this one"],
        ["-n, --limit <count>", "how many", "30"],
      ],
      load: async () => (await import("../commands/audit/audit.ts")).listAudit,
    },
    {
      usage: "verify [export]",
      summary: "say whether the record is what was written",
      more: "Of the daemon, or of an export anywhere without one. Names the first row that was edited, deleted, inserted, exchanged, cut off or hashed anew. Exit code 1 says that there is one.",
      options: [
        ["--heads <file>", "signed heads that were kept elsewhere; those of the export when left out"],
        ["--key <file>", "the public key to trust, in PEM; those of the export when left out"],
      ],
      load: async () => (await import("../commands/audit/audit.ts")).verifyAudit,
    },
    {
      usage: "export [file]",
      summary: "write the record as JSON Lines",
      load: async () => (await import("../commands/audit/audit.ts")).exportAudit,
    },
  ],
};
