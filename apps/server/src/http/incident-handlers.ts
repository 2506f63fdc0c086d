import type { IncidentShape } from "@fairway/api";
import type { Incident, ReleaseId } from "@fairway/core";
import type { IncidentControl } from "@fairway/engine";
import { FairwayError } from "@fairway/core";
import type { Handlers } from "./http-server.ts";

type IncidentOperations =
  | "incidents"
  | "incident"
  | "openIncident"
  | "confirmIncident"
  | "noteIncident"
  | "closeIncident"
  | "followUpIncident"
  | "endFollowUp";

/** What goes wrong for those who use what runs. */
export function incidentHandlers(incidents: IncidentControl): Pick<Handlers, IncidentOperations> {
  const show = async (number: number): Promise<IncidentShape> => viewOf(await incidents.byNumber(number));
  return {
    incidents: async ({ open, over, before, limit }) => {
      const only = { ...(open === over ? {} : { open: open === "true" }), ...(before === undefined ? {} : { before }) };
      return (await incidents.list({ limit, ...only })).map(viewOf);
    },
    followUpIncident: async ({ number, what, owner, due }) => {
      await incidents.followUp(number, { what, owner, due });
      return show(number);
    },
    endFollowUp: async ({ number, followUp }) => {
      await incidents.endFollowUp(number, followUp);
      return show(number);
    },
    incident: ({ number }) => show(number),
    openIncident: async ({ title, environment, release, impact, scope }) => {
      const number = await incidents.open({ title, environment, release: release as ReleaseId | null, impact, scope });
      if (number === null) throw new FairwayError("internal", "an incident without a key was there already");
      return show(number);
    },
    confirmIncident: async ({ number, severity }) => {
      await incidents.confirm(number, severity);
      return show(number);
    },
    noteIncident: async ({ number, text }) => {
      await incidents.note(number, text);
      return show(number);
    },
    closeIncident: async ({ number, rootCause }) => {
      await incidents.close(number, rootCause);
      return show(number);
    },
  };
}

const viewOf = ({ notes, followUps, ...incident }: Incident): IncidentShape => ({
  ...incident,
  followUps: followUps.map((one) => ({ ...one })),
  notes: notes.map((note) => ({ ...note })),
});
