import stringWidth from "string-width";
import { bold, columns, fit, pad } from "./terminal.ts";

/** Rows in columns of even width; the last column gives way when the terminal is narrow. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const last = headings.length - 1;
  const widths = headings.map((heading, index) => Math.max(stringWidth(heading), ...rows.map((row) => stringWidth(row[index] ?? ""))));
  const used = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  const room = Math.max(10, columns() - used);
  const line = (cells: readonly string[]): string =>
    cells.map((cell, index) => (index === last ? fit(cell, room) : pad(cell, (widths[index] ?? 0) + 2))).join("").trimEnd();
  return [bold(line(headings)), ...rows.map(line)];
}
