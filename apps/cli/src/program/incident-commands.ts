import type { Entry } from "./entry.ts";

/** What goes wrong for those who use what runs. */
export const incidentCommands: Entry = {
  usage: "incidents",
  summary: "what goes wrong for users: open, close, …",
  more: "An open incident of severity 1 holds what asks for incident:no-open-sev1.",
  options: [
    ["--all", "those that are closed too"],
    ["-n, --limit <count>", "how many", "20"],
  ],
  load: async () => (await import("../commands/incidents/incidents.ts")).listIncidents,
  below: [
    {
      usage: "show <incident>",
      summary: "show one, with what was written down",
      load: async () => (await import("../commands/incidents/incidents.ts")).showIncident,
    },
    {
      usage: "open <title>",
      summary: "tell of one",
      more: "A table proposes its severity from the two: an outage for all is 1.",
      options: [
        ["--impact <impact>", "outage, degraded or minor"],
        ["--scope <scope>", "for all, some or one of those who use it", "some"],
        ["--env <environment>", "where; everywhere when left out"],
        ["--release <release>", "the release that is to blame"],
      ],
      load: async () => (await import("../commands/incidents/incidents.ts")).openIncident,
    },
    {
      usage: "confirm <incident> <severity>",
      summary: "say how severe it is, 1 to 4",
      load: async () => (await import("../commands/incidents/incidents.ts")).confirmIncident,
    },
    {
      usage: "note <incident> <text>",
      summary: "write something down of it",
      load: async () => (await import("../commands/incidents/incidents.ts")).noteIncident,
    },
    {
      usage: "close <incident>",
      summary: "say that it is over, and why it was",
      options: [["--cause <text>", "the root cause"]],
      load: async () => (await import("../commands/incidents/incidents.ts")).closeIncident,
    },
  ],
};
