import { markdownTable } from "../markdown-table.ts";
import type { DutyStanding } from "./duty-standing.ts";

/** One task as people and automation share it. */
export interface MatrixRow {
  readonly task: string;
  /** Who owes it. */
  readonly owners: readonly string[];
  /** What does a part of it by itself. */
  readonly automation: readonly string[];
  readonly last: {
    readonly outcome: string;
    readonly at: string;
    readonly by: string;
    readonly duty: string;
    /** Of what it was shown; null for what is owed of no release. */
    readonly release: string | null;
  } | null;
  readonly nextDue: string | null;
  readonly states: Readonly<Record<string, number>>;
}

/** Who does what, from the duties that name a task: in the order in which the tasks come first. */
export function matrixOf(standings: readonly DutyStanding[]): readonly MatrixRow[] {
  const tasks = [...new Set(standings.flatMap(({ duty }) => duty.task ?? []))];
  return tasks.map((task) => {
    const of = standings.filter(({ duty }) => duty.task === task);
    const newest = of
      .flatMap(({ newest: found, duty }) => (found === null ? [] : [{ ...found, duty: duty.id }]))
      .toSorted((one, other) => one.observedAt.localeCompare(other.observedAt))
      .at(-1);
    const states: Record<string, number> = {};
    for (const { state } of of) states[state] = (states[state] ?? 0) + 1;
    return {
      task,
      owners: [...new Set(of.map(({ duty }) => duty.owner))],
      automation: [...new Set(of.flatMap(({ duty }) => duty.automation ?? []))],
      last:
        newest === undefined
          ? null
          : {
              outcome: newest.outcome,
              at: newest.observedAt,
              by: newest.automation ?? newest.by.name,
              duty: newest.duty,
              release: newest.release,
            },
      nextDue: of.flatMap(({ dueAt }) => dueAt ?? []).toSorted()[0] ?? null,
      states,
    };
  });
}

/** The same as a table in Markdown, for a wiki or a README. */
export function matrixInMarkdown(rows: readonly MatrixRow[]): string {
  return markdownTable(
    ["Task", "Human owner", "Automation", "Last evidence", "Next due"],
    rows.map(({ task, owners, automation, last, nextDue }) => [
      task,
      owners.join(", "),
      automation.join("; ") || "–",
      last === null
        ? "none"
        : `${last.outcome} ${last.at.slice(0, 10)} by ${last.by} (${last.duty}${last.release === null ? "" : ` of ${last.release}`})`,
      nextDue?.slice(0, 10) ?? "–",
    ]),
  );
}
