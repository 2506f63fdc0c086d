import type { Entry } from "./entry.ts";

/** What releases show their users, and what Fairway writes for people. */
export const contentCommands: readonly Entry[] = [
  {
    usage: "disclosures [ref]",
    summary: "what users see, and who said yes to it",
    more: "Held against ops/disclosures.yaml of the commit. How to write it: docs/how-to/disclosures.md.",
    load: async () => (await import("../commands/content/disclosures.ts")).showDisclosures,
    below: [
      {
        usage: "check [directory]",
        summary: "look at a checkout, without a daemon",
        more: "As file:line code message. Exit code 1 says that something is to be mended, 2 that the rules cannot be read.",
        load: async () => (await import("../commands/content/disclosures.ts")).checkDisclosures,
      },
      {
        usage: "show [ref]",
        summary: "show what was found of a commit",
        load: async () => (await import("../commands/content/disclosures.ts")).showDisclosures,
      },
      {
        usage: "approve [ref]",
        summary: "say yes to what users see",
        more: "By whoever has the role that ops/disclosures.yaml names, and wrote none of it. It is void once a word changes.",
        options: [
          ["--digest <digest>", "what was read; with another it is refused"],
          ["--note <text>", "in a few words"],
        ],
        load: async () => (await import("../commands/content/disclosures.ts")).approveDisclosures,
      },
    ],
  },
  {
    usage: "docs",
    summary: "look at documents and where their links lead",
    load: async () => (await import("../commands/content/docs.ts")).checkDocs,
    below: [
      {
        usage: "check [directory]",
        summary: "look at Markdown files, without a daemon",
        more: "Their form by markdownlint and links within the repository; all of docs/ and README.md when no pattern is named. Exit code 1 says that something is to be mended.",
        options: [
          ["--path <pattern...>", "only these; * stands for anything"],
          ["--external", "follow links that lead outside too"],
        ],
        load: async () => (await import("../commands/content/docs.ts")).checkDocs,
      },
    ],
  },
  {
    usage: "notice <release>",
    summary: "who has what a release says, before it runs",
    more: "Of ops/notice.yaml: it counts once all roles have had the pack for its time. Another release with the same files keeps the time.",
    load: async () => (await import("../commands/content/notice.ts")).showNotice,
    below: [
      {
        usage: "show <release>",
        summary: "show the pack, and who has it",
        load: async () => (await import("../commands/content/notice.ts")).showNotice,
      },
      {
        usage: "send <release>",
        summary: "tell the channels that the pack is there",
        load: async () => (await import("../commands/content/notice.ts")).sendNotice,
      },
      {
        usage: "receive <release>",
        summary: "say that one has the pack",
        options: [
          ["--role <role>", "for this role; for one's own when left out"],
          ["--digest <digest>", "what was read; with another it is refused"],
        ],
        load: async () => (await import("../commands/content/notice.ts")).receiveNotice,
      },
    ],
  },
  {
    usage: "packet",
    summary: "what those who begin have to know",
    more: "From the configuration that holds, each part with its source and its digest. The same commit gives the same bytes.",
    options: [["-o, --output <file>", "write the Markdown there"]],
    load: async () => (await import("../commands/content/writing.ts")).packet,
  },
  {
    usage: "education",
    summary: "what users learn from, and whether they do",
    more: "Of ops/education.yaml. What nobody has measured is unmeasured, and never well.",
    load: async () => (await import("../commands/content/writing.ts")).education,
  },
];
