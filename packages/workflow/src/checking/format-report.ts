import { formatProblem } from "../model/place.ts";
import type { Mark, WorkflowReport } from "./report.ts";

const words: Readonly<Record<Mark, string>> = {
  enforced: "enforced",
  emulated: "emulated",
  "no-effect": "no effect",
  rejected: "REJECTED",
};

/** A report as text for people: what is wrong, what will not do what it should, and every construct with its mark. */
export function formatReport({ file, problems, constructs, faults }: WorkflowReport): string {
  const lines = problems.map(formatProblem);
  for (const { place, rule, message, hint, patch } of faults) {
    lines.push(`${file}:${place.line}:${place.column}: ${message} [${rule}]`, `  ${hint}`);
    if (patch !== undefined)
      lines.push(
        ...patch
          .trimEnd()
          .split("\n")
          .map((line) => `    ${line}`),
      );
  }
  if (lines.length > 0) lines.push("");
  const width = Math.max(0, ...constructs.map(({ path }) => path.length));
  for (const { path, place, mark, reason } of constructs) {
    lines.push(
      `${`${place.line}:${place.column}`.padEnd(8)}${words[mark].padEnd(10)} ${path.padEnd(Math.min(width, 60))}  ${reason}`,
    );
  }
  const count = (mark: Mark): number => constructs.filter((construct) => construct.mark === mark).length;
  const counts = (Object.keys(words) as Mark[]).map((mark) => `${count(mark)} ${words[mark].toLowerCase()}`);
  lines.push(
    "",
    `${constructs.length} constructs: ${counts.join(", ")}; ${problems.length} problems, ${faults.length} faults`,
  );
  return lines.join("\n");
}
