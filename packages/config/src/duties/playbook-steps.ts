import type { PlaybookStep } from "@fairway/core";
import { millisOf } from "../duration.ts";

/** The steps of a playbook's text, as CommonMark reads fences: a fence is closed by one of its kind that is as long. */
export function playbookSteps(text: string): readonly PlaybookStep[] {
  const steps: PlaybookStep[] = [];
  let open: { readonly mark: string; readonly info: string; readonly line: number; readonly lines: string[] } | null =
    null;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (open === null) {
      const [, mark = "", info = ""] = fence ?? [];
      if (mark !== "" && !(mark.startsWith("`") && info.includes("`")))
        open = { mark, info, line: index + 1, lines: [] };
    } else if (fence !== null && closes(open.mark, fence)) {
      steps.push(...stepOf(open));
      open = null;
    } else open.lines.push(line);
  }
  return steps;
}

const closes = (open: string, [, mark = "", rest = ""]: RegExpExecArray): boolean =>
  mark[0] === open[0] && mark.length >= open.length && rest.trim() === "";

function stepOf({
  info,
  line,
  lines,
}: {
  readonly info: string;
  readonly line: number;
  readonly lines: readonly string[];
}): readonly PlaybookStep[] {
  const [language = "", ...words] = info.trim().split(/\s+/);
  const name = words.find((word) => word.startsWith("step="))?.slice("step=".length);
  if (name === undefined || name === "") return [];
  const [approval, idempotent] = [words.includes("approval"), words.includes("idempotent")];
  const written = words.find((word) => word.startsWith("timeout="))?.slice("timeout=".length);
  const timeout = written === undefined ? null : (millisOf(written) ?? Number.NaN);
  return [{ name, language, text: lines.join("\n"), approval, idempotent, timeout, line }];
}
