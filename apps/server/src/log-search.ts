import type { LogMarks, LogMatches } from "@fairway/api";
import type { LogLine } from "@fairway/engine";
import { forTerminal, readLog, sizeOfLog } from "@fairway/engine";
import type { LogParts } from "./logs.ts";
import { oneSource } from "./logs.ts";
import type { LogQuery } from "./log-sources.ts";

/** How far one look goes. */
interface Look extends LogQuery {
  readonly offset: number;
  /** How many bytes are looked through at most. */
  readonly bytes: number;
  /** How many are found at most. */
  readonly most: number;
}

interface Scanned<Found> {
  readonly source: string;
  readonly size: number;
  readonly ended: boolean;
  readonly next: number | null;
  readonly found: Found[];
}

/** Looks through a part of one log, line by line, and says where to go on. What it keeps is what it found and no more. */
async function scan<Found>(
  parts: LogParts,
  { offset, bytes, most, ...query }: Look,
  pick: (line: LogLine) => Found | undefined,
  signal: AbortSignal,
): Promise<Scanned<Found>> {
  const source = await oneSource(parts, query);
  const ended = !(await source.open());
  const found: Found[] = [];
  let next: number | null = null;
  for await (const line of readLog({ path: source.path, from: offset, signal })) {
    if (found.length >= most || line.offset >= offset + bytes) {
      next = line.offset;
      break;
    }
    const picked = pick(line);
    if (picked !== undefined) found.push(picked);
  }
  return { source: source.name, size: await sizeOfLog(source.path), ended, next, found };
}

/** So much of a long line is shown around what was looked for. */
const around = 200;

/** Where a text stands in a log. */
export async function searchLog(
  parts: LogParts,
  { text, exact, ...look }: Look & { readonly text: string; readonly exact: "true" | "false" },
  signal: AbortSignal,
): Promise<LogMatches> {
  const wanted = exact === "true" ? text : text.toLowerCase();
  const { found, ...rest } = await scan(
    parts,
    look,
    ({ offset, number, line }) => {
      const shown = line.includes("\u001b") ? forTerminal(line) : line;
      const at = (exact === "true" ? shown : shown.toLowerCase()).indexOf(wanted);
      if (at < 0) return undefined;
      const from = Math.max(0, at - around);
      return { offset, line: number ?? null, column: at + 1, text: shown.slice(from, at + wanted.length + around) };
    },
    signal,
  );
  return { ...rest, matches: found };
}

const mark =
  /^(?:\d{4}-\d{2}-\d{2}T[\d:.]+Z )?(?:##\[(?<kind>group|endgroup|error|warning|notice)\]|::(?<command>group|endgroup|error|warning|notice)(?: [^:]*)?::)(?<text>.*)$/;

/** Where groups begin and end, and what steps marked as wrong: what a page folds and jumps to. */
export async function marksOfLog(parts: LogParts, look: Look, signal: AbortSignal): Promise<LogMarks> {
  const { found, ...rest } = await scan(
    parts,
    look,
    ({ offset, number, line }) => {
      if (!line.includes("##[") && !line.includes("::")) return undefined;
      const groups = mark.exec(forTerminal(line))?.groups;
      const kind = (groups?.["kind"] ?? groups?.["command"]) as LogMarks["marks"][number]["kind"] | undefined;
      if (kind === undefined) return undefined;
      return { offset, line: number ?? null, kind, text: (groups?.["text"] ?? "").slice(0, 2 * around) };
    },
    signal,
  );
  return { ...rest, marks: found };
}
