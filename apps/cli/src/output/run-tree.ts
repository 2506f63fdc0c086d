import type { JobShape, Run } from "@fairway/api";
import type { State } from "@fairway/core";
import { isTerminal } from "@fairway/core";
import { between } from "./times.ts";
import { bold, dim, fit, harmless, markOf, pad, paint } from "./terminal.ts";

/** A run and its jobs as lines of at most `width` columns. */
export function runTree(run: Run, width: number, now: number): readonly string[] {
  const state = `${run.id}  ${run.stopping && !isTerminal(run.state) ? "stopping" : run.state}  ${between(run.startedAt ?? run.createdAt, run.endedAt, now)}`;
  const lines = [`${markOf(run.state)} ${bold(fit(harmless(run.title), width - state.length - 4))}  ${paint(run.state, state)}`];
  run.jobs.forEach((job, index) => {
    const last = index === run.jobs.length - 1;
    lines.push(...jobLines(job, run.state, last, width, now));
  });
  if (run.attention)
    lines.push(...wrapped(`needs attention: ${harmless(run.attention.why)}`, "  ", width), ...wrapped(`→ ${run.attention.action}`, "  ", width));
  return lines;
}

function jobLines(job: JobShape, runState: State, last: boolean, width: number, now: number): readonly string[] {
  const branch = dim(last ? "└─" : "├─");
  const stem = dim(last ? "   " : "│  ");
  const time = between(job.startedAt, job.endedAt, now);
  const name = fit(job.name, Math.max(20, Math.floor(width / 2)));
  const room = width - name.length - time.length - 9;
  const said = job.state === "pending" && isTerminal(runState) ? "not run" : (job.message ?? "");
  const note = isTerminal(job.state) || room < 8 ? "" : dim(fit(harmless(said.split("\n")[0] ?? ""), room));
  const lines = [`${branch} ${markOf(job.state)} ${pad(name, 30)}  ${note}${note && time ? "  " : ""}${dim(time)}`.trimEnd()];
  if (job.reason !== null && job.state !== "succeeded")
    for (const line of harmless(job.reason).split("\n").slice(0, 30)) lines.push(`${stem}   ${fit(line, width - 7)}`);
  return lines;
}

function wrapped(text: string, indent: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > width && line.trim() !== "") {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}
