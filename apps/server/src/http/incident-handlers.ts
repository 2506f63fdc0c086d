import type { IncidentShape } from "@fairway/api";
import type { Incident, Project, ReleaseId } from "@fairway/core";
import type { IncidentControl } from "@fairway/engine";
import { environmentOf, FairwayError } from "@fairway/core";
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
export function incidentHandlers(
  incidents: IncidentControl,
  project: () => Promise<Project>,
): Pick<Handlers, IncidentOperations> {
  /** Of a place that nobody has it would hold nothing. Throws `not_found`. */
  const assertPlace = async (name: string | null): Promise<void> => {
    if (name === null) return;
    const known = await project();
    if (known.environments.length === 0 || environmentOf(known, name) !== undefined) return;
    throw new FairwayError("not_found", `there is no environment "${name}"`, {
      hint: `there are ${known.environments.map((one) => one.name).join(", ")}; leave it out where it concerns all`,
    });
  };
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
      await assertPlace(environment);
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
