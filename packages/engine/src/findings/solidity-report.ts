import type { Annotation } from "@fairway/core";
import type { Places } from "./places.ts";

const headline = /^(?<kind>\w*Error|Warning|Info)(?: \((?<rule>\d+)\))?: (?<message>.+)$/u;
const place = /^\s*-->\s(?<file>.+?)(?::(?<line>\d+):(?<column>\d+))?:?\s*$/u;
// oxlint-disable-next-line no-control-regex -- a colour begins with one
const colours = /\u001b\[[\d;]*m/gu;
/** No diagnostic has its place further below its headline. */
const linesBetween = 3;
const longestLine = 16 * 1024;

/**
 * Reads the compiler's messages in the output of Hardhat or Foundry: a headline and, below it, `--> file:line:column`.
 * Lines that only look like a headline have no place and are left out.
 * https://docs.soliditylang.org/en/latest/using-the-compiler.html#error-types
 */
export function readSolidity(text: string, places: Places): readonly Annotation[] {
  const found: Annotation[] = [];
  const lines = text.replaceAll(colours, "").split(/\r?\n/u);
  for (const [index, line] of lines.entries()) {
    if (line.length > longestLine) continue;
    const { groups } = headline.exec(line) ?? {};
    if (groups === undefined) continue;
    const where = placeBelow(lines.slice(index + 1, index + 1 + linesBetween));
    if (where === undefined) continue;
    const { kind = "", rule, message = "" } = groups;
    found.push({
      severity: kind === "Warning" ? "warning" : kind === "Info" ? "notice" : "error",
      file: places(where["file"] ?? ""),
      line: where["line"] === undefined ? null : Number(where["line"]),
      column: where["column"] === undefined ? null : Number(where["column"]),
      rule: rule ?? (kind.endsWith("Error") ? kind : null),
      message,
    });
  }
  return found;
}

/** The place that belongs to a headline; that of the next headline does not. */
function placeBelow(lines: readonly string[]): Readonly<Record<string, string | undefined>> | undefined {
  for (const line of lines) {
    if (line.length > longestLine || headline.test(line)) return undefined;
    const { groups } = place.exec(line) ?? {};
    if (groups !== undefined) return groups;
  }
  return undefined;
}
