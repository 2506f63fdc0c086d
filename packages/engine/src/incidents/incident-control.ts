import type { Impact, Incident, ReleaseId, IncidentScope, Severity } from "@fairway/core";
import { FairwayError, severityOf } from "@fairway/core";
import { whoActs } from "../audit/acting.ts";
import { recordChange } from "../store/audit.ts";
import {
  addIncident,
  closeIncident,
  confirmIncident,
  holdIncident,
  listIncidents,
  noteIncident,
} from "../store/incidents.ts";
import type { Store, Transaction } from "../store/store.ts";

/** An incident as somebody, or a program, tells of it. */
export interface IncidentWish {
  readonly title: string;
  readonly environment: string | null;
  readonly release: ReleaseId | null;
  readonly impact: Impact;
  readonly scope: IncidentScope;
  /** However often it is told by one key, there is one incident. */
  readonly key?: string;
}

/** What goes wrong, from when somebody tells of it until its cause is known. */
export interface IncidentControl {
  list(query: { readonly open?: boolean; readonly limit: number }): Promise<readonly Incident[]>;
  /** Throws `not_found`. */
  byNumber(number: number): Promise<Incident>;
  /** Opens one with the severity that the table proposes; null where its key has one already. */
  open(wish: IncidentWish): Promise<number | null>;
  /** A person says how severe it is: what the table says, or something else. Throws `not_found`, `not_allowed_now`. */
  confirm(number: number, severity: Severity): Promise<void>;
  note(number: number, text: string): Promise<void>;
  /** Throws `bad_request` without a cause, `not_found`, `not_allowed_now`. */
  close(number: number, rootCause: string): Promise<void>;
}

export function incidentControl(store: Store): IncidentControl {
  const changed = (number: number, change: (tx: Transaction, environment: string | null) => Promise<void>) =>
    store.transaction(async (tx) => {
      const held = await holdIncident(tx, number);
      if (held === null) throw unknownIncident(number);
      if (!held.open)
        throw new FairwayError("not_allowed_now", `i${number} is closed`, {
          hint: "open a new one: fairway incidents open",
        });
      await change(tx, held.environment);
    });
  const who = (): string => whoActs().name;
  return {
    list: (query) => listIncidents(store, query),
    async byNumber(number) {
      const [found] = await listIncidents(store, { number, limit: 1 });
      if (found === undefined) throw unknownIncident(number);
      return found;
    },
    open: (wish) => store.transaction((tx) => openIncident(tx, wish)),
    confirm: (number, severity) =>
      changed(number, async (tx, environment) => {
        await confirmIncident(tx, number, who(), severity);
        recordChange(tx, "incident.confirmed", { subject: `i${number}`, environment, detail: { severity } });
      }),
    note: (number, text) =>
      changed(number, async (tx, environment) => {
        await noteIncident(tx, number, who(), text);
        recordChange(tx, "incident.noted", { subject: `i${number}`, environment, detail: { note: text } });
      }),
    async close(number, rootCause) {
      if (rootCause.trim() === "")
        throw new FairwayError("bad_request", "say what the cause was", {
          hint: `--cause "…"; where nobody knows it, say so and who looks for it until when`,
        });
      await changed(number, async (tx, environment) => {
        await closeIncident(tx, number, who(), rootCause);
        recordChange(tx, "incident.closed", { subject: `i${number}`, environment, detail: { rootCause } });
      });
    },
  };
}

/** The same within a transaction: what finds it and the incident are on record together. */
export async function openIncident(tx: Transaction, { key, ...wish }: IncidentWish): Promise<number | null> {
  const proposed = severityOf(wish.impact, wish.scope);
  const number = await addIncident(tx, { ...wish, key: key ?? null, proposed, by: whoActs().name });
  if (number === null) return null;
  recordChange(tx, "incident.opened", {
    subject: `i${number}`,
    environment: wish.environment,
    detail: { title: wish.title, severity: proposed, impact: wish.impact, scope: wish.scope, release: wish.release },
  });
  return number;
}

const unknownIncident = (number: number): FairwayError =>
  new FairwayError("not_found", `there is no incident i${number}`, { hint: "see which there are: fairway incidents" });
