import { writeFile } from "node:fs/promises";
import { toldDiagnostic } from "@fairway/infrastructure";
import type { Diagnostic } from "@fairway/infrastructure";
import type { OutputFilter } from "../commands/output-filter.ts";
import { maskText } from "../workflows/mask-text.ts";

/**
 * What the program writes for programs, as lines for people; what is no JSON stays as it is. What it says went wrong is kept
 * aside in a file, masked, made anew with the log: whoever asks after a crash finds it there.
 */
export function toldOutput(aside: string, secrets: readonly string[]): OutputFilter {
  let isNew = true;
  return {
    wants: "all",
    async lines(batch) {
      const kept = batch.filter((line) => !line.startsWith("{") || line.includes('"diagnostic"'));
      const text = kept.map((line) => `${line}\n`).join("");
      await writeFile(aside, maskText(text, secrets), { mode: 0o600, flag: isNew ? "w" : "a" });
      isNew = false;
      return { lines: batch.flatMap(toldLine), masks: [], wants: "all" };
    },
  };
}

interface SaidLine {
  readonly "@message"?: string;
  readonly diagnostic?: {
    readonly severity?: string;
    readonly summary?: string;
    readonly detail?: string;
    readonly range?: {
      readonly filename?: string;
      readonly start?: { readonly line?: number; readonly column?: number };
    };
  };
}

function toldLine(line: string): readonly string[] {
  if (!line.startsWith("{")) return [line];
  let said: SaidLine;
  try {
    said = JSON.parse(line) as SaidLine;
  } catch {
    // The program was ended in the middle of it.
    return [line];
  }
  const { diagnostic } = said;
  if (diagnostic === undefined) return [said["@message"] ?? line];
  const { severity, summary = "", detail = "", range } = diagnostic;
  const told: Diagnostic = {
    severity: severity === "warning" ? "warning" : "error",
    summary,
    detail,
    file: range?.filename ?? null,
    line: range?.start?.line ?? null,
    column: range?.start?.column ?? null,
  };
  return [
    `${told.severity}: ${toldDiagnostic({ ...told, detail: "" })}`,
    ...detail.split("\n").map((one) => `  ${one}`),
  ];
}
