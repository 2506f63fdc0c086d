import type { Entry } from "./entry.ts";

const because = ["--reason <text>", "why, for whoever looks back"] as const;
const ifVersion = [
  "--if-version <version>",
  "only if it is still at this version; 0: only if it is not there",
] as const;

/** Feature flags of the built-in store. */
export const flagCommands: Entry = {
  usage: "flags",
  summary: "feature flags: list, set, roll out, kill, …",
  load: async () => (await import("../commands/flags/look.ts")).listFlags,
  below: [
    {
      usage: "list [environment]",
      summary: "list the flags and what they give",
      load: async () => (await import("../commands/flags/look.ts")).listFlags,
    },
    {
      usage: "show <environment> <flag>",
      summary: "show a flag with its rule",
      load: async () => (await import("../commands/flags/look.ts")).showFlag,
    },
    {
      usage: "set <environment> <flag> [file]",
      summary: "make a flag, or put a definition in its place",
      more: "The file holds the flag as flagd writes it, as JSON; - reads it from the input. Without a file a flag is made that is off, and gives true to everybody once it is on.",
      options: [because, ifVersion],
      load: async () => (await import("../commands/flags/edit.ts")).setFlag,
    },
    {
      usage: "on <environment> <flag>",
      summary: "turn a flag on: its rule counts",
      options: [because, ifVersion],
      load: async () => (await import("../commands/flags/edit.ts")).flagOn,
    },
    {
      usage: "off <environment> <flag>",
      summary: "turn a flag off: the default in the code counts",
      options: [because, ifVersion],
      load: async () => (await import("../commands/flags/edit.ts")).flagOff,
    },
    {
      usage: "rollout <environment> <flag> <share>",
      summary: "give a variant to a part of everybody",
      more: "The share is in percent. Turns the flag on. Whoever has the variant at 10 % has it at 20 % too.",
      options: [["--variant <name>", "which; the one called on, or that is true, when left out"], because, ifVersion],
      load: async () => (await import("../commands/flags/edit.ts")).rollOut,
    },
    {
      usage: "kill <flag> [environment]",
      summary: "turn a flag off at once, everywhere",
      more: "In every environment that has it, or in the one that is named, whatever others do to it meanwhile.",
      options: [because],
      load: async () => (await import("../commands/flags/edit.ts")).kill,
    },
    {
      usage: "remove <environment> <flag>",
      summary: "remove a flag; its history stays",
      options: [because, ifVersion],
      load: async () => (await import("../commands/flags/edit.ts")).removeFlag,
    },
    {
      usage: "history <environment> [flag]",
      summary: "who changed what, when and why",
      options: [["-n, --limit <count>", "how many", "20"]],
      load: async () => (await import("../commands/flags/look.ts")).flagHistory,
    },
    {
      usage: "stale [environment]",
      summary: "flags that give everybody the same for long",
      more: "The question can go from the code, and then the flag. One whose metadata says permanent: true is never listed. Exit code 1 says that there are some.",
      options: [["--days <days>", "for how long", "30"]],
      load: async () => (await import("../commands/flags/look.ts")).staleFlags,
    },
    {
      usage: "import <environment> <file>",
      summary: "take flags in from a file of flagd's, all or none",
      options: [["--replace", "remove the flags that the file does not hold"], because],
      load: async () => (await import("../commands/flags/edit.ts")).importFlags,
    },
    {
      usage: "export <environment>",
      summary: "print the flags as flagd reads them",
      load: async () => (await import("../commands/flags/look.ts")).exportFlags,
    },
    {
      usage: "key <environment>",
      summary: "print what a program asks for flags with",
      more: "A server's key is a secret; services that Fairway runs get it by themselves. A client's key, for pages, gets values and no rules.",
      options: [
        ["--client", "the key of pages"],
        ["--replace", "make a new one; the old one opens nothing any more"],
        ["--origin <origins...>", "whose pages may ask, beside the environment's own: https://shop.example"],
      ],
      load: async () => (await import("../commands/flags/edit.ts")).flagKey,
    },
  ],
};
