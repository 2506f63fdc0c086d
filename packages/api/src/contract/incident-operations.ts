import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { incidentShape, severity } from "../shapes/incident.ts";
import { by, flag, limit, none, rowNumber, words } from "./inputs.ts";

const number = z.object({ number: z.coerce.number().int().min(1) });

/** What goes wrong for those who use what runs. */
export const incidentOperations = {
  incidents: {
    ...routes.incidents,
    summary: "Incidents, the newest first.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({
      open: flag.describe("Only those that are open"),
      over: flag.describe("Only those that are over"),
      ...{ before: rowNumber, limit },
    }),
    body: null,
    answer: z.array(incidentShape),
    kind: "json",
  },
  incident: {
    ...routes.incident,
    summary: "One incident, with what was written down of it.",
    access: "read",
    anywhere: true,
    params: number,
    query: none,
    body: null,
    answer: incidentShape,
    kind: "json",
  },
  openIncident: {
    ...routes.openIncident,
    summary:
      "Tells of something that goes wrong. Its severity is proposed by a table, from how bad it is and for how many; a person confirms it.",
    access: "change",
    params: none,
    query: none,
    body: z.object({
      by,
      title: words(200).min(1),
      environment: z.string().max(60).nullable().default(null),
      release: z
        .string()
        .regex(/^r\d+$/, "a release is named like r42")
        .nullable()
        .default(null),
      impact: z.enum(["outage", "degraded", "minor"]),
      scope: z.enum(["all", "some", "one"]).default("some"),
    }),
    answer: incidentShape,
    kind: "json",
  },
  confirmIncident: {
    ...routes.confirmIncident,
    summary: "A person says how severe it is; what was proposed stays beside it.",
    access: "change",
    params: number,
    query: none,
    body: z.object({ by, severity }),
    answer: incidentShape,
    kind: "json",
  },
  noteIncident: {
    ...routes.noteIncident,
    summary: "Writes something down of an incident.",
    access: "change",
    params: number,
    query: none,
    body: z.object({ by, text: words(4000).min(1) }),
    answer: incidentShape,
    kind: "json",
  },
  closeIncident: {
    ...routes.closeIncident,
    summary: "It is over, and this was the cause.",
    access: "change",
    params: number,
    query: none,
    body: z.object({ by, rootCause: words(4000).min(1) }),
    answer: incidentShape,
    kind: "json",
  },
  followUpIncident: {
    ...routes.followUpIncident,
    summary: "Something is to be done after it, by somebody until a day.",
    access: "change",
    params: number,
    query: none,
    body: z.object({
      by,
      what: words(1000).min(1),
      owner: words(120).min(1),
      due: words(10).describe("A day such as 2026-12-01"),
    }),
    answer: incidentShape,
    kind: "json",
  },
  endFollowUp: {
    ...routes.endFollowUp,
    summary: "What was to be done after it is done.",
    access: "change",
    params: number.extend({ followUp: z.coerce.number().int().min(1) }),
    query: none,
    body: z.object({ by }),
    answer: incidentShape,
    kind: "json",
  },
} as const satisfies Record<string, Route>;
