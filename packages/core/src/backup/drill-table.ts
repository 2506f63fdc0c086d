import type { Millis, Timestamp } from "../units.ts";
import { markdownTable } from "../markdown-table.ts";

/** What a document says of a restore drill that has ended. */
export interface LoggedDrill {
  readonly number: number;
  readonly repository: string;
  readonly beganAt: Timestamp;
  readonly outcome: "passed" | "failed";
  readonly note: string;
  readonly rto: Millis | null;
  readonly rpo: Millis | null;
}

/** Drills as a table in Markdown, in their order. */
export const drillsInMarkdown = (drills: readonly LoggedDrill[]): string =>
  markdownTable(
    ["Drill", "Began (UTC)", "Of", "Outcome", "RTO", "RPO", "What was found"],
    drills.map(({ number, beganAt, repository, outcome, rto, rpo, note }) => [
      ...[String(number), beganAt.slice(0, 16).replace("T", " "), repository, outcome],
      ...[seconds(rto), seconds(rpo), note],
    ]),
  );

const seconds = (span: Millis | null): string => (span === null ? "–" : `${(span / 1000).toFixed(1)} s`);
