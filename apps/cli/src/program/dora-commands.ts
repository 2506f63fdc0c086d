import type { Entry } from "./entry.ts";

/** How well changes are brought to people. */
export const doraCommands: Entry = {
  usage: "dora",
  summary: "DORA's five figures, by environment",
  more: "Deployment frequency, lead time for changes, change fail rate, failed deployment recovery time and rework rate, beside those of as many days before. What exactly is counted: docs/concepts/dora.md.",
  options: [
    ["--days <count>", "how far back; 7, 30 and 90 are usual", "30"],
    ["--env <environment>", "only of this environment"],
    ["--service <service>", "only deployments that changed it"],
  ],
  load: async () => (await import("../commands/dora.ts")).dora,
};
