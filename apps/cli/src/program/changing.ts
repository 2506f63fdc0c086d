import type { Entry } from "./entry.ts";
import { flagCommands } from "./flag-commands.ts";
import { follow } from "./entry.ts";

/** What changes an environment. */
export const changing: readonly Entry[] = [
  {
    usage: "deploy <environment> [release]",
    summary: "deploy a release to an environment",
    more: "Without a release it takes the newest that may go there.",
    options: [follow],
    load: async () => (await import("../commands/deploy.ts")).deploy,
  },
  {
    usage: "lock <environment>",
    summary: "keep deployments out of an environment",
    more: "Deployments wait until it is unlocked. A rollback does not.",
    options: [["--reason <text>", "why, for whoever meets the lock; it needs one"]],
    load: async () => (await import("../commands/environments.ts")).lock,
  },
  {
    usage: "unlock <environment>",
    summary: "let deployments in again",
    load: async () => (await import("../commands/environments.ts")).unlock,
  },
  flagCommands,
];
