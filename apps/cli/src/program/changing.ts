import type { Entry } from "./entry.ts";
import { verifyCommand } from "./check-commands.ts";
import { flagCommands } from "./flag-commands.ts";
import { infrastructureCommands } from "./infrastructure-commands.ts";
import { previewCommands } from "./preview-commands.ts";
import { secretCommands } from "./secret-commands.ts";
import { triggerCommands } from "./trigger-commands.ts";
import { follow } from "./entry.ts";

/** What changes an environment. */
export const changing: readonly Entry[] = [
  {
    usage: "deploy <environment> [release]",
    summary: "deploy a release to an environment",
    more: "Without a release it takes the newest that may go there.",
    options: [["--remedy <duty...>", "a credential's duty that it sets right: not held by it"], follow],
    load: async () => (await import("../commands/deploy.ts")).deploy,
  },
  ...triggerCommands,
  verifyCommand,
  previewCommands,
  {
    usage: "quarantine",
    summary: "releases that nothing deploys: list, add, lift",
    load: async () => (await import("../commands/quarantine.ts")).listQuarantine,
    below: [
      {
        usage: "list",
        summary: "list them, with who put them there and why",
        options: [["--all", "also those that were lifted"]],
        load: async () => (await import("../commands/quarantine.ts")).listQuarantine,
      },
      {
        usage: "add <release>",
        summary: "keep a release from being deployed",
        more: "And all with the same digest, by anybody and anything. What runs goes on running.",
        options: [["--reason <text>", "why, for whoever meets it; it needs one"]],
        load: async () => (await import("../commands/quarantine.ts")).addQuarantine,
      },
      {
        usage: "lift <release>",
        summary: "let a release be deployed again",
        more: "You and your reason stay on record.",
        options: [["--reason <text>", "why it is safe now; it needs one"]],
        load: async () => (await import("../commands/quarantine.ts")).liftQuarantine,
      },
    ],
  },
  {
    usage: "stop [environment|run]",
    summary: "stop a deployment; what ran before comes back",
    more: "Nothing more is started or shifted within a second, and what ran before is brought back, whole. Without a name it takes the only environment that is being changed. A way back is stopped only by force. Exit code 0 says that what ran before is back.",
    options: [
      ["--keep", "leave what is half done as it is, until you stop it again"],
      ["--force", "although it is a rollback"],
      follow,
    ],
    load: async () => (await import("../commands/stop.ts")).stop,
  },
  {
    usage: "pause [environment|run]",
    summary: "hold a deployment where it is",
    more: "Traffic and replicas stay as they are, nothing more is begun and no deadline runs out, until it is resumed or stopped. It can still be approved, stopped and rolled back. Without a name it takes the only deployment that goes on.",
    options: [["--reason <text>", "why, for whoever meets it"]],
    load: async () => (await import("../commands/pause.ts")).pause,
  },
  {
    usage: "resume [environment|run]",
    summary: "let a paused deployment go on",
    more: "From where it is: what it waited for goes on counting from where it stood still.",
    load: async () => (await import("../commands/pause.ts")).resume,
  },
  {
    usage: "lock <environment>",
    summary: "keep deployments out of an environment",
    more: "Deployments wait until it is unlocked, or its time is over. A rollback does not.",
    options: [
      ["--reason <text>", "why, for whoever meets the lock; it needs one"],
      ["--for <time>", "after which it ends by itself: 30m, 2h"],
      ["--steal", "take somebody else's lock over"],
    ],
    load: async () => (await import("../commands/environments.ts")).lock,
  },
  {
    usage: "unlock <environment>",
    summary: "let deployments in again",
    options: [["--reason <text>", "why somebody else's lock may go"]],
    load: async () => (await import("../commands/environments.ts")).unlock,
  },
  {
    usage: "freeze [environment]",
    summary: "times in which environments do not change",
    more: "They are written in the configuration. What is to be deployed waits, a rollback does not.",
    load: async () => (await import("../commands/freeze.ts")).listFreezes,
    below: [
      {
        usage: "override <run>",
        summary: "let a deployment through a freeze; it takes two people",
        more: "You and your reason stay on record.",
        options: [["--reason <text>", "why it cannot wait; it needs one"]],
        load: async () => (await import("../commands/freeze.ts")).overrideFreeze,
      },
    ],
  },
  flagCommands,
  infrastructureCommands,
  secretCommands,
];
