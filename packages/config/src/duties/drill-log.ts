import { createHash } from "node:crypto";
import type { LoggedDrill } from "@fairway/core";
import { drillsInMarkdown } from "@fairway/core";

// Drills as they stand in a playbook, between two marks. What is on record is the truth; the text only repeats it.

const end = "<!-- drills: end -->";
const beginning = /^<!-- drills: written by `fairway drill log`, not by hand; sha256 ([0-9a-f]{64}) -->$/u;

/** The text of a playbook with these drills between its marks, which stand at its end where it had none. May be repeated. */
export function withDrillLog(text: string, drills: readonly LoggedDrill[]): string {
  const content = `\n${drillsInMarkdown(drills)}\n`;
  const block = `<!-- drills: written by \`fairway drill log\`, not by hand; sha256 ${digestOf(content)} -->\n${content}${end}`;
  const place = placeOf(text);
  if (place === null || place.end === null) return `${text.trimEnd()}\n\n${block}\n`;
  const lines = linesOf(text);
  return [...lines.slice(0, place.begin), block, ...lines.slice(place.end + 1)].join("\n");
}

/** What is wrong with the drills in the text of a playbook, and in which of its lines; null where nothing is, or it has none. */
export function drillLogFault(text: string): { readonly line: number; readonly message: string } | null {
  const place = placeOf(text);
  if (place === null) return null;
  if (place.end === null) return { line: place.begin + 1, message: "the log of drills that begins here has no end" };
  const content = linesOf(text).slice(place.begin + 1, place.end);
  return digestOf(`${content.join("\n")}\n`) === place.digest
    ? null
    : { line: place.begin + 1, message: "the log of drills was changed by hand: it says other than what is on record" };
}

const linesOf = (text: string): readonly string[] => text.split(/\r?\n/u);

const digestOf = (content: string): string => createHash("sha256").update(content).digest("hex");

function placeOf(
  text: string,
): { readonly begin: number; readonly end: number | null; readonly digest: string } | null {
  const lines = linesOf(text);
  const begin = lines.findIndex((line) => beginning.test(line.trim()));
  if (begin < 0) return null;
  const last = lines.findIndex((line, at) => at > begin && line.trim() === end);
  const [, digest = ""] = beginning.exec(lines[begin]?.trim() ?? "") ?? [];
  return { begin, end: last < 0 ? null : last, digest };
}
