import type { FollowUp, Impact, Incident, IncidentScope, ReleaseId, Severity, SeverityTable } from "@fairway/core";
import { FairwayError, isDay, proposedSeverity, usualSeverities } from "@fairway/core";
import { whoActs } from "../audit/acting.ts";
import { recordChange } from "../store/audit.ts";
import type { HeldIncident, IncidentQuery } from "../store/incidents.ts";
import {
  addFollowUp,
  addIncident,
  closeIncident,
  confirmIncident,
  deployedWithinADay,
  endFollowUp,
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
  /** Where it came from; absent where somebody told of it here. */
  readonly source?: string;
  /** More words of whoever told of it, which the table of severities looks at too. */
  readonly text?: string;
}

/** What goes wrong, from when somebody tells of it until its cause is known. */
export interface IncidentControl {
  list(query: IncidentQuery): Promise<readonly Incident[]>;
  /** Throws `not_found`. */
  byNumber(number: number): Promise<Incident>;
  /** Opens one with the severity that the table proposes; null where its key has one already. */
  open(wish: IncidentWish): Promise<number | null>;
  /** A person says how severe it is: what the table says, or something else. Throws `not_found`, `not_allowed_now`. */
  confirm(number: number, severity: Severity): Promise<void>;
  note(number: number, text: string): Promise<void>;
  /**
   * Throws `bad_request` without a cause, or where nobody knows it and nobody is to find it out; `not_found`,
   * `not_allowed_now`.
   */
  close(number: number, rootCause: string): Promise<void>;
  /** Something is to be done after it, by somebody until a day; also after it is closed. Throws `not_found`, `bad_request`. */
  followUp(number: number, wish: Pick<FollowUp, "what" | "owner" | "due">): Promise<void>;
  /** It is done. Throws `not_found`. */
  endFollowUp(number: number, followUp: number): Promise<void>;
}

/** `severities`: how severity is proposed; the usual table when left out. */
export function incidentControl(store: Store, severities?: () => Promise<SeverityTable>): IncidentControl {
  const changed = (
    number: number,
    change: (tx: Transaction, held: HeldIncident) => Promise<void>,
    closedToo = false,
  ): Promise<void> =>
    store.transaction(async (tx) => {
      const held = await holdIncident(tx, number);
      if (held === null) throw unknownIncident(number);
      if (!held.open && !closedToo)
        throw new FairwayError("not_allowed_now", `i${number} is closed`, {
          hint: "open a new one: fairway incidents open",
        });
      await change(tx, held);
    });
  const who = (): string => whoActs().name;
  return {
    list: (query) => listIncidents(store, query),
    async byNumber(number) {
      const [found] = await listIncidents(store, { number, limit: 1 });
      if (found === undefined) throw unknownIncident(number);
      return found;
    },
    open: async (wish) => {
      const table = await severities?.();
      return store.transaction((tx) => openIncident(tx, wish, table));
    },
    confirm: (number, severity) =>
      changed(number, async (tx, { environment, ...held }) => {
        await confirmIncident(tx, number, who(), severity);
        tellIncident(tx, number, "confirmed", { ...held, environment, severity });
        recordChange(tx, "incident.confirmed", { subject: `i${number}`, environment, detail: { severity } });
      }),
    note: (number, text) =>
      changed(number, async (tx, { environment }) => {
        await noteIncident(tx, number, who(), text);
        recordChange(tx, "incident.noted", { subject: `i${number}`, environment, detail: { note: text } });
      }),
    async close(number, rootCause) {
      if (rootCause.trim() === "")
        throw new FairwayError("bad_request", "say what the cause was", {
          hint: `--cause "…"; where nobody knows it, say so and who looks for it until when`,
        });
      await changed(number, async (tx, held) => {
        const { environment } = held;
        const [found] = await listIncidents(tx, { number, limit: 1 });
        const isSought = found?.followUps.some(({ doneAt }) => doneAt === null) ?? false;
        if (/^unknown\b/iu.test(rootCause.trim()) && !isSought)
          throw new FairwayError("bad_request", "nobody knows the cause, and nobody is to find it out", {
            hint: `fairway incidents follow-up i${number} "find the cause" --owner NAME --due 2026-12-01`,
          });
        await closeIncident(tx, number, who(), rootCause);
        tellIncident(tx, number, "closed", { ...held, text: rootCause });
        recordChange(tx, "incident.closed", { subject: `i${number}`, environment, detail: { rootCause } });
      });
    },
    async followUp(number, wish) {
      if (!isDay(wish.due) || wish.what.trim() === "" || wish.owner.trim() === "")
        throw new FairwayError("bad_request", "say what is to be done, by whom, and until which day", {
          hint: "--owner NAME --due 2026-12-01",
        });
      await changed(
        number,
        async (tx, { environment }) => {
          await addFollowUp(tx, number, wish);
          recordChange(tx, "incident.followed", { subject: `i${number}`, environment, detail: { ...wish } });
        },
        true,
      );
    },
    async endFollowUp(number, followUp) {
      await changed(
        number,
        async (tx, { environment }) => {
          if (!(await endFollowUp(tx, number, followUp, who())))
            throw new FairwayError("not_found", `i${number} has no follow-up ${followUp} that is not done`);
          recordChange(tx, "incident.followed", { subject: `i${number}`, environment, detail: { done: followUp } });
        },
        true,
      );
    },
  };
}

/** The same within a transaction: what finds it and the incident are on record together. */
export async function openIncident(
  tx: Transaction,
  { key, source, text = "", ...said }: IncidentWish,
  table: SeverityTable = usualSeverities,
): Promise<number | null> {
  const { severity: proposed, rule, ...judged } = proposedSeverity(table, { ...said, text: `${said.title} ${text}` });
  // What breaks soon after a deployment is put down to it, until somebody says otherwise.
  const deployed = said.environment === null ? null : await deployedWithinADay(tx, said.environment);
  const wish = { ...said, ...judged, release: said.release ?? deployed };
  const number = await addIncident(tx, {
    ...wish,
    ...{ key: key ?? null, proposed, rule, source: source ?? null, by: whoActs().name },
  });
  if (number === null) return null;
  tellIncident(tx, number, "opened", { ...wish, severity: proposed, text });
  recordChange(tx, "incident.opened", {
    subject: `i${number}`,
    environment: wish.environment,
    detail: { title: wish.title, severity: proposed, impact: wish.impact, scope: wish.scope, release: wish.release },
  });
  return number;
}

function tellIncident(
  tx: Transaction,
  number: number,
  became: "opened" | "confirmed" | "closed",
  told: Pick<HeldIncident, "title" | "environment" | "release" | "severity"> & { readonly text?: string },
): void {
  const { title, environment, release, severity, text = "" } = told;
  const body = { became, title, environment, release, severity, text: text.slice(0, 500) };
  tx.emit({ kind: "incident.changed", subject: `i${number}`, body });
}

const unknownIncident = (number: number): FairwayError =>
  new FairwayError("not_found", `there is no incident i${number}`, { hint: "see which there are: fairway incidents" });
