import type { Entry } from "./entry.ts";
import { follow } from "./entry.ts";

const forRelease = ["--release <release>", "of what is owed for each release: of this one"] as const;
const ofList: NonNullable<Entry["options"]> = [
  ["--env <environment>", "of this environment, and of none in particular"],
  ["--owner <role>", "only what this role owes"],
  ["--state <state>", "only those that are ok, due, overdue, failing or unknown"],
  forRelease,
];

/** What people owe, and whether environments take releases by it. */
export const dutyCommands: readonly Entry[] = [
  {
    usage: "duties",
    summary: "what is owed, and how each of it stands",
    more: "Duties stand in ops/ of the repository; how each stands is worked out from the evidence on record. How to write them: docs/how-to/duties.md.",
    options: ofList,
    load: async () => (await import("../commands/duties/list.ts")).listDuties,
    below: [
      {
        usage: "list",
        summary: "list them",
        options: ofList,
        load: async () => (await import("../commands/duties/list.ts")).listDuties,
      },
      {
        usage: "show <duty>",
        summary: "show one, with what is on record of it",
        options: [forRelease, ["-n, --limit <count>", "how much of the record", "10"]],
        load: async () => (await import("../commands/duties/show.ts")).showDuty,
      },
      {
        usage: "attest <duty>",
        summary: "put on record how it stands",
        more: "What is on record is never changed; a later row may correct it. Where people log in, somebody shows what their own roles owe or hear of; programs show any, by a token.",
        options: [
          ["--outcome <outcome>", "passed, failed, partial or skipped", "passed"],
          ["--note <text>", "in a few words"],
          ["--fact <name=value...>", "a number or a word for the board; never a secret"],
          ["--artifact <file...>", "a file that shows it; its digest is put on record"],
          ["--automation <name>", "the program that found it out"],
          ["--at <moment>", "when it was so; now when left out"],
          ["--until <moment>", "until when it counts"],
          ["--corrects <row>", "the row that it corrects"],
          forRelease,
        ],
        load: async () => (await import("../commands/duties/attest.ts")).attestDuty,
      },
      {
        usage: "run <duty>",
        summary: "begin what shows it by itself",
        more: "What its `run` says in ops/: a command, a playbook, a probe or a rotation. What it comes to is put on record.",
        options: [forRelease, follow],
        load: async () => (await import("../commands/duties/run.ts")).runDuty,
      },
      {
        usage: "waive <duty>",
        summary: "pass it over for a while",
        more: "It always ends. Whoever owes the duty may not, nor who wrote or asked for what it holds.",
        options: [
          ["--reason <text>", "why, in at least 20 characters"],
          ["--for <span>", "for how long: 2h, 3d"],
          forRelease,
        ],
        load: async () => (await import("../commands/duties/waive.ts")).waiveDuty,
      },
      {
        usage: "read [ref]",
        summary: "read the duties of a commit now",
        more: "The daemon does so after each release. Duties with problems leave those that hold as they are; duties that ask for less wait for the gate's owner.",
        load: async () => (await import("../commands/duties/read.ts")).readDuties,
      },
      {
        usage: "accept [commit]",
        summary: "let duties hold that ask for less",
        more: "Those of the commit that is named, and no others; without one it shows those that are held back and accepts them. Each gate's owner says yes for its environment.",
        load: async () => (await import("../commands/duties/read.ts")).acceptDuties,
      },
      {
        usage: "check [directory]",
        summary: "look for problems in ops/, without a daemon",
        more: "All of them at once, as file:line:column code message. Exit code 2 says that there are some.",
        load: async () => (await import("../commands/duties/check.ts")).checkDuties,
      },
      {
        usage: "schema <file>",
        summary: "print the JSON Schema of a file, for editors",
        more: "Of people, duties, credentials, gates, or of the front matter of a playbook.",
        load: async () => (await import("../commands/duties/check.ts")).dutySchema,
      },
      {
        usage: "calendar",
        summary: "when they are due",
        options: [
          ["--from <day>", "from this day on; today when left out"],
          ["--until <day>", "until this day; 30 days later when left out"],
          ["--owner <role>", "only what this role owes"],
        ],
        load: async () => (await import("../commands/duties/calendar.ts")).dutyCalendar,
      },
      {
        usage: "replay <row>",
        summary: "work a gate's decision out again",
        more: "From what was known then. Exit code 1 says that it comes out otherwise.",
        load: async () => (await import("../commands/duties/readiness.ts")).replayDecision,
      },
    ],
  },
  {
    usage: "readiness <environment>",
    summary: "whether it takes a release, and why not",
    more: "By the duties that its gate names. Exit code 1 says that it does not. A way back is never held by it.",
    options: [["--release <release>", "this release; what is owed for each release counts of it"]],
    load: async () => (await import("../commands/duties/readiness.ts")).readiness,
  },
  {
    usage: "matrix",
    summary: "who does what, and what does it by itself",
    options: [["--md", "as a Markdown table, with its digest"]],
    load: async () => (await import("../commands/duties/matrix.ts")).matrix,
  },
];
