import type { Annotation } from "@fairway/core";
import type { Places } from "./places.ts";

const diagnostic =
  /^(?:(?<file>.+)\((?<line>\d+),(?<column>\d+)\): )?(?<severity>error|warning|message) (?<rule>TS\d+): (?<message>.*)$/u;
/** A line that no diagnostic is as long as. */
const longestLine = 16 * 1024;

/** Reads what `tsc --pretty false` prints, its one format for programs; lines of other programs between are left out. */
export function readTypescript(text: string, places: Places): readonly Annotation[] {
  const found: Annotation[] = [];
  for (const line of text.split(/\r?\n/u)) {
    if (line.length > longestLine) continue;
    const { groups } = diagnostic.exec(line) ?? {};
    const last = found.at(-1);
    if (groups === undefined) {
      // What explains the line before is set in.
      if (last !== undefined && /^ {2,}\S/u.test(line))
        found[found.length - 1] = { ...last, message: `${last.message}\n${line}` };
      continue;
    }
    const { file, line: row, column, severity, rule = null, message = "" } = groups;
    found.push({
      severity: severity === "message" ? "notice" : severity === "warning" ? "warning" : "error",
      file: file === undefined ? null : places(file),
      line: row === undefined ? null : Number(row),
      column: column === undefined ? null : Number(column),
      rule,
      message,
    });
  }
  return found;
}
