import type { Entry } from "./entry.ts";
import { follow } from "./entry.ts";

const stack = ["--stack <names...>", "only these stacks; all when left out"] as const;
/** Stacks of Terraform, OpenTofu and other commands. */
export const infrastructureCommands: Entry = {
  usage: "infrastructure",
  summary: "Terraform and OpenTofu: plan, apply, drift, …",
  load: async () => (await import("../commands/infrastructure/look.ts")).listStacks,
  below: [
    {
      usage: "list [environment]",
      summary: "list the stacks, their newest plans and their drift",
      load: async () => (await import("../commands/infrastructure/look.ts")).listStacks,
    },
    {
      usage: "plan <environment> [of]",
      summary: "show what would change; nothing does",
      more: "Of a release or a commit; of what runs there, or else HEAD, when left out. The plan is kept for a day and may be applied once.",
      options: [stack, follow],
      load: async () => (await import("../commands/infrastructure/change.ts")).planInfrastructure,
    },
    {
      usage: "apply <environment> [of]",
      summary: "plan, ask, and apply exactly that",
      more: "Asks where the environment wants approvals, or something is taken away. A deployment does the same before the services move.",
      options: [["--plan <number>", "a plan that was made before, instead of another"], stack, follow],
      load: async () => (await import("../commands/infrastructure/change.ts")).applyInfrastructure,
    },
    {
      usage: "plans [environment]",
      summary: "list plans, the newest first",
      options: [["-n, --limit <count>", "how many", "20"]],
      load: async () => (await import("../commands/infrastructure/look.ts")).listInfrastructurePlans,
    },
    {
      usage: "show <plan>",
      summary: "show what a plan would do, or did",
      options: [
        ["--all", "every resource and every value"],
        ["--markdown", "as a comment of a pull request tells it"],
      ],
      load: async () => (await import("../commands/infrastructure/look.ts")).showInfrastructurePlan,
    },
    {
      usage: "drift [environment]",
      summary: "list what differs from the code",
      more: "Exit code 1 says that something does.",
      options: [
        ["--all", "also what differed once"],
        ["--show <id>", "what changed in one resource, and what can be done"],
      ],
      load: async () => (await import("../commands/infrastructure/look.ts")).listDrift,
    },
    {
      usage: "look <environment> [of]",
      summary: "compare the world with the code now",
      options: [stack, follow],
      load: async () => (await import("../commands/infrastructure/change.ts")).lookForDrift,
    },
    {
      usage: "adopt <environment> [of]",
      summary: "let the state take over what was changed outside",
      more: "No resource is touched. Write the same into the code, or the next plan takes it back.",
      options: [stack, follow],
      load: async () => (await import("../commands/infrastructure/change.ts")).adoptDrift,
    },
    {
      usage: "ignore <environment> <finding>",
      summary: "leave a difference alone for a time",
      options: [
        ["--for <days>", "for how long: 30d; it needs one"],
        ["--reason <text>", "why, for whoever meets it; it needs one"],
        ["--field <path>", "only this field of it"],
      ],
      load: async () => (await import("../commands/infrastructure/look.ts")).ignoreDrift,
    },
    {
      usage: "own <environment> <finding> [owner]",
      summary: "give a finding to somebody; to you when left out",
      load: async () => (await import("../commands/infrastructure/look.ts")).ownDrift,
    },
    {
      usage: "state",
      summary: "states that were kept: list, restore",
      load: async () => (await import("../commands/infrastructure/look.ts")).listStates,
      below: [
        {
          usage: "list <environment>",
          summary: "list them, each from before something was applied",
          load: async () => (await import("../commands/infrastructure/look.ts")).listStates,
        },
        {
          usage: "restore <environment> <state>",
          summary: "put one back as the newest",
          more: "A person must approve it and type the stack's name. The state that is there is kept before. No resource is touched: see what differs then with a plan.",
          options: [follow],
          load: async () => (await import("../commands/infrastructure/change.ts")).restoreState,
        },
      ],
    },
    {
      usage: "destroy <environment>",
      summary: "take all of an environment's infrastructure away",
      more: "Two people must approve it, and each must type the environment's name.",
      options: [["--name <environment>", "the environment's name, typed; it needs it"], stack, follow],
      load: async () => (await import("../commands/infrastructure/change.ts")).destroyInfrastructure,
    },
  ],
};
