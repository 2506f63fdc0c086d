import type { AuditEntry } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { canonicalJson } from "../digest.ts";
import type { Store } from "../store/store.ts";
import { markdownCell, safeCell } from "./safe-cell.ts";

/** A quarter of a year in UTC: up to its end, and not with it. */
export interface Quarter {
  readonly name: string;
  readonly from: Date;
  readonly until: Date;
}

/** The quarter that is written like 2026-Q4. Throws `bad_request`. */
export function quarterOf(name: string): Quarter {
  const found = /^(\d{4})-Q([1-4])$/.exec(name);
  if (found === null) throw new FairwayError("bad_request", `${name} is no quarter`, { hint: "write it like 2026-Q4" });
  const [year, month] = [Number(found[1]), (Number(found[2]) - 1) * 3];
  return { name, from: new Date(Date.UTC(year, month)), until: new Date(Date.UTC(year, month + 3)) };
}

/** How a summary is written. */
export type SummaryForm = "md" | "csv" | "json";

type Cells = readonly (string | number | null)[];

const columns = ["row", "at", "what", "about", "environment", "by", "observed", "note", "facts"] as const;
const page = 2_000;

/**
 * What was put on record within a quarter of what people owe: evidence of every outcome, what was missed, drills, rotations,
 * waivers, decisions of gates and incidents, in the order of the record. Read page by page; the same record gives the same
 * bytes.
 */
export async function* quarterLines(store: Store, quarter: Quarter, form: SummaryForm): AsyncGenerator<string> {
  for await (const texts of quarterTexts(store, quarter, [form])) yield texts[0] ?? "";
}

/** The same in several forms, of which each has its next piece in each answer: the record is read once for all of them. */
export async function* quarterTexts(
  store: Store,
  quarter: Quarter,
  forms: readonly SummaryForm[],
): AsyncGenerator<readonly string[]> {
  yield forms.map((form) => headOf(quarter, form));
  const counts = new Map<string, number>();
  for (let after = 0; ;) {
    const rows = await store.rows<{ number: string; entry: string }>(
      `select number, entry from fairway.audit
       where number > $1 and at >= $2 and at < $3
         and (action like 'evidence.%' or action like 'incident.%' or action in ('duty.waived', 'gate.decided', 'backup.made', 'backup.restored'))
       order by number limit ${page}`,
      [after, quarter.from, quarter.until],
    );
    const texts = forms.map(() => "");
    for (const { entry } of rows) {
      const read = JSON.parse(entry) as AuditEntry;
      counts.set(read.action, (counts.get(read.action) ?? 0) + 1);
      const cells = cellsOf(read);
      forms.forEach((form, place) => (texts[place] += lineOf(cells, form)));
    }
    if (rows.length > 0) yield texts;
    after = Number(rows.at(-1)?.number ?? after);
    if (rows.length < page) break;
  }
  yield forms.map((form) => footOf(counts, form));
}

function cellsOf({ number, at, action, subject, environment, actor, detail }: AuditEntry): Cells {
  const { observedAt, note, because, facts } = detail as {
    readonly observedAt?: string;
    readonly note?: string;
    readonly because?: string;
    readonly facts?: Readonly<Record<string, unknown>>;
  };
  const told = Object.keys(facts ?? {}).length === 0 ? "" : canonicalJson(facts);
  return [number, at, action, subject, environment, actor.name, observedAt ?? null, note ?? because ?? "", told];
}

function headOf({ name, from, until }: Quarter, form: SummaryForm): string {
  switch (form) {
    case "csv":
      return `${columns.join(",")}\r\n`;
    case "json":
      return `${canonicalJson({ type: "quarter", quarter: name, from: from.toISOString(), until: until.toISOString() })}\n`;
    case "md":
      return `# ${name}\n\n| ${columns.join(" | ")} |\n| ${columns.map(() => "---").join(" | ")} |\n`;
  }
}

function lineOf(cells: Cells, form: SummaryForm): string {
  switch (form) {
    case "csv":
      return `${cells.map(safeCell).join(",")}\r\n`;
    case "json":
      return `${canonicalJson({ type: "row", ...Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? null])) })}\n`;
    case "md":
      return `| ${cells.map(markdownCell).join(" | ")} |\n`;
  }
}

function footOf(counts: ReadonlyMap<string, number>, form: SummaryForm): string {
  const sorted = [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1));
  switch (form) {
    case "csv":
      return "";
    case "json":
      return `${canonicalJson({ type: "counts", counts: Object.fromEntries(sorted) })}\n`;
    case "md":
      return `\n## Counts\n\n${sorted.map(([action, count]) => `- ${action}: ${count}`).join("\n")}\n`;
  }
}
