import type { Day, FollowUp, Incident } from "@fairway/core";
import { severityNow } from "@fairway/core";
import { digestOfText } from "../store/documents.ts";

/** What a summary of the operations log is made of: days in UTC, `until` is no part of it. */
export interface SummaryParts {
  readonly from: Day;
  readonly until: Day;
  /** Those that were opened, closed or open in that time. */
  readonly incidents: readonly Incident[];
  /** Those that are not done. */
  readonly followUps: readonly (Pick<FollowUp, "number" | "what" | "owner" | "due"> & { readonly incident: number })[];
}

/** The summary for people who meet every other week. */
export interface OperationsSummary {
  readonly from: Day;
  readonly until: Day;
  readonly incidents: number;
  readonly open: number;
  readonly overdue: number;
  readonly markdown: string;
  readonly digest: string;
}

/** Writes it. What is overdue stands on top, and where nothing happened it says so. */
export function operationsSummary({ from, until, incidents, followUps }: SummaryParts): OperationsSummary {
  const overdue = followUps.filter(({ due }) => due < until);
  const later = followUps.filter(({ due }) => due >= until);
  const sorted = incidents.toSorted((one, other) => severityNow(one) - severityNow(other) || one.number - other.number);
  const open = sorted.filter(({ closedAt }) => closedAt === null || closedAt.slice(0, 10) >= until);
  const parts = [
    `# Operations log, ${from} to ${until}`,
    section("Overdue follow-ups", overdue.map(followUpLine), "None is overdue."),
    section("Incidents", sorted.map(incidentLine), "There was none."),
    section("Follow-ups to come", later.map(followUpLine), "None is open."),
  ];
  const markdown = `${parts.join("\n\n")}\n`;
  return {
    ...{ from, until, incidents: incidents.length, open: open.length, overdue: overdue.length },
    markdown,
    digest: digestOfText(markdown),
  };
}

const section = (title: string, lines: readonly string[], empty: string): string =>
  `## ${title}\n\n${lines.length === 0 ? empty : lines.map((line) => `- ${line.replaceAll(/\s+/gu, " ")}`).join("\n")}`;

const followUpLine = ({ incident, what, owner, due }: SummaryParts["followUps"][number]): string =>
  `i${incident}: ${what} – ${owner}, until ${due}`;

function incidentLine(incident: Incident): string {
  const { number, title, environment, release, confirmed, openedAt, closedAt, rootCause } = incident;
  return [
    `i${number} SEV${severityNow(incident)}${confirmed === null ? " (proposed)" : ""} ${title}`,
    `${environment ?? "everywhere"}${release === null ? "" : `, ${release}`}`,
    `since ${openedAt.slice(0, 16).replace("T", " ")}`,
    closedAt === null ? "open" : `closed ${closedAt.slice(0, 10)}: ${rootCause ?? ""}`,
  ].join(" – ");
}
