import stringWidth from "string-width";
import pc from "picocolors";
import type { State } from "@fairway/core";

/** Columns to write in. A pipe gets as much as it likes; a person gets what fits. */
export const columns = (): number => (process.stdout.isTTY ? Math.max(40, process.stdout.columns || 80) : 200);

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

/** As much of a text as fits, with a sign that there was more. */
export function fit(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Text filled up with blanks to a width. */
export const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - stringWidth(text)));

// eslint-disable-next-line no-control-regex
const controls = /\u001B(?:\][^\u0007\u001B]*(?:\u0007|\u001B\\)|\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])|[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
const directions = /[\u202A-\u202E\u2066-\u2069\u200E\u200F]/g;

/** Text from outside (commits, logs, errors) without anything that could move the cursor, recolour or reorder. */
export const harmless = (text: string): string =>
  text.replace(controls, "").replace(directions, (mark) => `<U+${mark.codePointAt(0)?.toString(16).toUpperCase()}>`);
