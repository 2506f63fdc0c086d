import { textWidth } from "./text-width.ts";
import pc from "picocolors";
import type { State } from "@fairway/core";

/** What a pipe or a file gets: evidence is never cut there. */
const unlimited = 10_000;

/** Columns to write in. A pipe gets as much as it likes; a person gets what fits. */
export const columns = (stream: NodeJS.WriteStream = process.stdout): number =>
  stream.isTTY ? Math.max(40, stream.columns || 80) : unlimited;

/** Whether someone sits there who can be asked and shown things that move. */
export const isInteractive = (): boolean => Boolean(process.stdout.isTTY && process.stdin.isTTY);

/** Writes a line to standard output. */
export const print = (line = ""): void => void process.stdout.write(`${line}\n`);

/** Writes a value as JSON, for programs. */
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

type Paint = (text: string) => string;

const looks: Readonly<Record<State, { readonly mark: string; readonly paint: Paint }>> = {
  pending: { mark: "○", paint: pc.dim },
  running: { mark: "●", paint: pc.cyan },
  waiting: { mark: "◐", paint: pc.yellow },
  succeeded: { mark: "✔", paint: pc.green },
  failed: { mark: "✖", paint: pc.red },
  errored: { mark: "!", paint: pc.magenta },
  aborted: { mark: "■", paint: pc.dim },
};

/** A state's mark in its colour. The word always stands beside it or the mark alone tells: never colour alone. */
export const markOf = (state: State): string => looks[state].paint(looks[state].mark);

/** Text in a state's colour. */
export const paint = (state: State, text: string): string => looks[state].paint(text);

export const dim: Paint = pc.dim;
export const bold: Paint = pc.bold;

// eslint-disable-next-line no-control-regex
const colours = /(\u001B\[[0-9;]*m)/;

/** As much of a text as fits on one line, with a sign that there was more. Colours in it are closed as they were. */
export function fit(text: string, width: number): string {
  const line = text.replace(/[\t\n]+/g, " ");
  if (textWidth(line) <= width) return line;
  let room = width - 1;
  let kept = "";
  for (const part of line.split(colours)) {
    if (colours.test(part)) kept += part;
    else if (room >= 0) {
      const taken = taking(part, room);
      kept += taken.complete ? taken.text : `${taken.text}…`;
      room = taken.complete ? room - textWidth(taken.text) : -1;
    }
  }
  return kept;
}

/** The beginning of a text that is at most so wide; never half a character. */
function taking(text: string, width: number): { readonly text: string; readonly complete: boolean } {
  let taken = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    used += textWidth(segment);
    if (used > width) return { text: taken, complete: false };
    taken += segment;
  }
  return { text: taken, complete: true };
}

/** A text as lines of at most `width` columns, broken between words where that is possible; nothing is left out. */
export function wrap(text: string, width: number, indent = ""): readonly string[] {
  const room = Math.max(1, width - textWidth(indent));
  return text
    .split("\n")
    .flatMap((paragraph) => broken(paragraph.replaceAll("\t", "  ").trimEnd(), room))
    .map((line) => (indent + line).trimEnd());
}

function broken(paragraph: string, room: number): readonly string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const word of paragraph.split(" ")) {
    const longer: string = line === null ? word : `${line} ${word}`;
    if (textWidth(longer) <= room) {
      line = longer;
      continue;
    }
    if (line?.trim()) lines.push(line);
    line = word;
    while (textWidth(line) > room) {
      // A character that is wider than the room stands alone.
      const head: string = taking(line, room).text || line.slice(0, 2);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return [...lines, line ?? ""];
}

/** Text filled up with blanks to a width. */
export const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - textWidth(text)));

const controls =
  // eslint-disable-next-line no-control-regex
  /\u001B(?:\][^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])|[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
const directions = /[\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g;

/** Text from outside (commits, logs, errors) without anything that could move the cursor, recolour or reorder. */
export const harmless = (text: string): string =>
  text
    .replace(controls, "")
    .replace(directions, (mark) => `<U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`);
