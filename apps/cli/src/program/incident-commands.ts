import type { Entry } from "./entry.ts";

/** What goes wrong for those who use what runs. */
export const incidentCommands: Entry = {
  usage: "incidents",
  summary: "what goes wrong for users: open, close, …",
  more: "An open incident of severity 1 holds what asks for incident:no-open-sev1.",
  options: [
    ["--all", "those that are closed too"],
    ["-n, --limit <count>", "how many", "20"],
    ["--before <incident>", "only older ones: the next page"],
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
      more: "A cause that begins with unknown needs a follow-up for whoever is to find it out.",
      options: [["--cause <text>", "the root cause"]],
      load: async () => (await import("../commands/incidents/incidents.ts")).closeIncident,
    },
    {
      usage: "follow-up <incident> <what>",
      summary: "say what is to be done after it",
      options: [
        ["--owner <name>", "by whom"],
        ["--due <day>", "until which day: 2026-12-01"],
      ],
      load: async () => (await import("../commands/incidents/follow-ups.ts")).followUp,
    },
    {
      usage: "done <incident> <follow-up>",
      summary: "say that a follow-up is done",
      load: async () => (await import("../commands/incidents/follow-ups.ts")).endFollowUp,
    },
    {
      usage: "summary",
      summary: "the log of two weeks, for people who meet",
      more: "From where the last summary ended. What is overdue stands on top; where nothing happened it says so.",
      options: [
        ["--from <day>", "from this day on"],
        ["--until <day>", "up to this day, which is no part of it"],
      ],
      load: async () => (await import("../commands/content/writing.ts")).summary,
    },
  ],
};
