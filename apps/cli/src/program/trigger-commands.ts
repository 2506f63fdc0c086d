import type { Entry } from "./entry.ts";
import { follow } from "./entry.ts";

/** What is started by itself, or by its name. */
export const triggerCommands: readonly Entry[] = [
  {
    usage: "triggers [trigger]",
    summary: "what is started by itself: list, fired",
    load: async () => (await import("../commands/triggers/look.ts")).listTriggers,
    below: [
      {
        usage: "list [trigger]",
        summary: "list triggers, when they come due and what they last came to",
        more: "As the newest commit of the main branch has them.",
        load: async () => (await import("../commands/triggers/look.ts")).listTriggers,
      },
      {
        usage: "fired [trigger]",
        summary: "what has fired, and why it did or did not start something",
        options: [["-n, --limit <count>", "how many", "20"]],
        load: async () => (await import("../commands/triggers/look.ts")).firedTriggers,
      },
    ],
  },
  {
    usage: "trigger <name>",
    summary: "fire a trigger by hand",
    more: "One that says on: manual. What it starts is shown on its way.",
    options: [
      ["--input <name=value...>", "a value for one of its inputs"],
      ["--key <text>", "however often it is fired with this key, it fires once"],
      follow,
    ],
    load: async () => (await import("../commands/triggers/fire.ts")).fireTrigger,
  },
];

/** Hooks of git. */
export const hookCommands: Entry = {
  usage: "hooks",
  summary: "have git tell Fairway what is pushed here",
  load: async () => (await import("../commands/triggers/hooks.ts")).installHooks,
  below: [
    {
      usage: "install",
      summary: "write a post-receive hook into this repository",
      more: "It tells the daemon of every push, and never keeps one from succeeding. A hook that is there and not Fairway's is left as it is.",
      load: async () => (await import("../commands/triggers/hooks.ts")).installHooks,
    },
    {
      usage: "remove",
      summary: "take the hook away again",
      load: async () => (await import("../commands/triggers/hooks.ts")).removeHooks,
    },
    {
      usage: "received",
      summary: "tell the daemon what a hook was told, line by line on the input",
      load: async () => (await import("../commands/triggers/hooks.ts")).hookReceived,
    },
  ],
};
