import { textWidth } from "./text-width.ts";
import { bold, columns, fit, pad } from "./terminal.ts";

const gap = 2;
/** Below this a column tells nothing any more. */
const narrowest = 6;

/** Rows in columns of even width. In a narrow terminal the last column gives way, then the widest of the others. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number = columns(),
): readonly string[] {
  const natural = headings.map((heading, index) =>
    Math.max(...[heading, ...rows.map((row) => row[index] ?? "")].map((cell) => textWidth(cell))),
  );
  const widths = fitting(natural, width);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => pad(fit(cell, widths[index] ?? 0), (widths[index] ?? 0) + gap))
      .join("")
      .trimEnd();
  return [bold(line(headings)), ...rows.map(line)];
}

function fitting(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  const last = widths.length - 1;
  const excess = (): number => widths.reduce((sum, one) => sum + one + gap, -gap) - width;
  const narrow = (index: number): void => {
    widths[index] = Math.max(Math.min(narrowest, widths[index] ?? 0), (widths[index] ?? 0) - Math.max(0, excess()));
  };
  narrow(last);
  for (const [index] of [...natural.entries()].sort(([, a], [, b]) => b - a)) narrow(index);
  return widths;
}
