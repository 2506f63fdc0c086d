import type { Entry } from "./entry.ts";
import { follow } from "./entry.ts";

/** The keys that a project has. */
export const credentialCommands: Entry = {
  usage: "credentials",
  summary: "which keys there are, and what is owed of each",
  more: "Of ops/credentials.yaml, and in what that differs from the store of secrets. Never a value.",
  options: [["--env <environment>", "only those of this environment"]],
  load: async () => (await import("../commands/duties/credentials.ts")).listCredentials,
};

/** Playbooks that people read and that run. */
export const playbookCommands: Entry = {
  usage: "playbooks",
  summary: "what to do when: list, show, run",
  more: "Markdown in ops/playbooks/; fences that say step=NAME run, and plain ones never do.",
  options: [],
  load: async () => (await import("../commands/duties/run.ts")).listPlaybooks,
  below: [
    {
      usage: "show <playbook>",
      summary: "show the steps that run",
      load: async () => (await import("../commands/duties/run.ts")).showPlaybook,
    },
    {
      usage: "run <playbook>",
      summary: "run its steps, one after another",
      more: "As the commit has them whose duties hold, whatever becomes of the file meanwhile. A step that was interrupted waits for a person.",
      options: [["--env <environment>", "told to the steps as FAIRWAY_ENVIRONMENT"], follow],
      load: async () => (await import("../commands/duties/run.ts")).runPlaybook,
    },
  ],
};
