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
  | "closeIncident";

/** What goes wrong for those who use what runs. */
export function incidentHandlers(incidents: IncidentControl): Pick<Handlers, IncidentOperations> {
  const show = async (number: number): Promise<IncidentShape> => viewOf(await incidents.byNumber(number));
  return {
    incidents: async ({ open, limit }) =>
      (await incidents.list({ limit, ...(open === "true" ? { open: true } : {}) })).map(viewOf),
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

const viewOf = ({ notes, ...incident }: Incident): IncidentShape => ({
  ...incident,
  notes: notes.map((note) => ({ ...note })),
});
