import type { Entry } from "./entry.ts";

const where = [
  ["--env <environment>", "whose"],
  ["--shared", "for every environment that has none of its own"],
] as const;

/** Secrets of the built-in store. */
export const secretCommands: Entry = {
  usage: "secrets",
  summary: "secrets: list, set, import, roll back, …",
  load: async () => (await import("../commands/secrets/secrets.ts")).listSecrets,
  below: [
    {
      usage: "list",
      summary: "list secrets, versions and who is given them",
      more: "Values are never shown.",
      options: [["--env <environment>", "only what this one is given"]],
      load: async () => (await import("../commands/secrets/secrets.ts")).listSecrets,
    },
    {
      usage: "set <name>",
      summary: "give a secret its next version",
      more: 'The value is piped in, read from a file, or asked for and not shown; never an argument. Or another store keeps it, and it is read when something starts: vault:MOUNT/PATH#FIELD, aws:ID#FIELD, op://VAULT/ITEM/FIELD, file:/PATH#NAME, command:["PROGRAM","WORD"].',
      options: [
        ...where,
        ["--from-file <file>", "read the value from a file; - for the input"],
        ["--from <reference>", "where another store keeps the value"],
      ],
      load: async () => (await import("../commands/secrets/secrets.ts")).setSecret,
    },
    {
      usage: "import <file>",
      summary: "take over NAME=value lines, all or none",
      options: where,
      load: async () => (await import("../commands/secrets/secrets.ts")).importSecrets,
    },
    {
      usage: "history <name>",
      summary: "who set which version, and when",
      options: where,
      load: async () => (await import("../commands/secrets/secrets.ts")).secretHistory,
    },
    {
      usage: "rollback <name> <version>",
      summary: "make an earlier version the newest one",
      options: where,
      load: async () => (await import("../commands/secrets/secrets.ts")).rollBackSecret,
    },
    {
      usage: "remove <name>",
      summary: "remove a secret with all its versions",
      options: where,
      load: async () => (await import("../commands/secrets/secrets.ts")).removeSecret,
    },
    {
      usage: "rotate-key",
      summary: "exchange the key that seals secrets",
      more: "May be killed anywhere, and repeated. Where the key is told by FAIRWAY_KEY or FAIRWAY_KEY_FILE, put the new one before it first. Backups from before need the old key.",
      load: async () => (await import("../commands/secrets/secrets.ts")).rotateKey,
    },
  ],
};
