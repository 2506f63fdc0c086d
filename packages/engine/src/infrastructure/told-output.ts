import { writeFile } from "node:fs/promises";
import { saidIn, toldDiagnostic } from "@fairway/infrastructure";
import type { OutputFilter } from "../commands/output-filter.ts";
import { maskText } from "../workflows/mask-text.ts";

/** Where a state lies that the program could write nowhere else, beside what it said. */
export const dumpBeside = (aside: string): string => `${aside}.state`;

/**
 * What the program writes for programs, as lines for people; what is no JSON stays as it is. What it says went wrong is kept
 * aside in a file, masked, made anew with the log: whoever asks after a crash finds it there. A state that it prints because it
 * could write it nowhere is full of secrets: it goes into a file of its own, and into no log.
 */
export function toldOutput(aside: string, secrets: readonly string[]): OutputFilter {
  let isNew = true;
  return {
    wants: "all",
    // Of what is too long to be looked at, nobody knows what is in it; a state may be.
    tooLong: "withhold",
    async lines(batch) {
      const dump = batch.map(dumpIn).find((state) => state !== null);
      if (dump !== undefined) await writeFile(dumpBeside(aside), JSON.stringify(dump), { mode: 0o600 });
      const kept = batch.filter((line) => !line.startsWith("{") || /"diagnostic"|"@level":"error"/u.test(line));
      const text = kept.map((line) => `${line}\n`).join("");
      await writeFile(aside, maskText(text, secrets), { mode: 0o600, flag: isNew ? "w" : "a" });
      isNew = false;
      return { lines: batch.flatMap(toldLine), masks: [], wants: "all" };
    },
  };
}

/** The state that a line prints in an emergency; null for any other line. */
function dumpIn(line: string): object | null {
  if (!line.startsWith("{") || !line.includes('"Emergency state dump"')) return null;
  const { state } = JSON.parse(line) as { readonly state?: object };
  return state ?? null;
}

function toldLine(line: string): readonly string[] {
  const said = saidIn(line);
  if (said === null) return [line];
  const { diagnostic, message } = said;
  if (diagnostic === null) return [message ?? line];
  return [
    `${diagnostic.severity}: ${toldDiagnostic({ ...diagnostic, detail: "" })}`,
    ...diagnostic.detail.split("\n").map((one) => `  ${one}`),
  ];
}
