import type { JobShape, Run } from "@fairway/api";
import type { State } from "@fairway/core";
import { isTerminal } from "@fairway/core";
import { textWidth } from "./text-width.ts";
import { ago, between } from "./times.ts";
import { bold, dim, fit, harmless, markOf, pad, paint, wrap } from "./terminal.ts";

/** A title in fewer columns than this says nothing; the state then gets a line of its own. */
const shortestTitle = 16;
/** Of why a job did not succeed; the rest is in its log. */
const reasonLines = 30;

/** A run and its jobs as lines of at most `width` columns. */
export function runTree(run: Run, width: number, now: number): readonly string[] {
  const jobs = run.jobs.flatMap((job, index) => jobLines(job, run, index === run.jobs.length - 1, width, now));
  return [...titleLines(run, width, now), ...jobs, ...pauseLines(run, width, now), ...attentionLines(run, width)];
}

function titleLines(run: Run, width: number, now: number): readonly string[] {
  const word = isTerminal(run.state) ? run.state : run.stopping ? "stopping" : run.paused ? "paused" : run.state;
  const state = `${run.id}  ${word}  ${between(run.startedAt ?? run.createdAt, run.endedAt, now)}`;
  const room = width - textWidth(state) - 4;
  const title = harmless(run.title);
  return room >= Math.min(shortestTitle, textWidth(title))
    ? [`${markOf(run.state)} ${bold(fit(title, room))}  ${paint(run.state, state)}`]
    : [`${markOf(run.state)} ${bold(fit(title, width - 2))}`, `  ${paint(run.state, fit(state, width - 2))}`];
}

function jobLines(job: JobShape, run: Run, last: boolean, width: number, now: number): readonly string[] {
  const branch = dim(last ? "└─" : "├─");
  const stem = dim(last ? "   " : "│  ");
  const time = between(job.startedAt, job.endedAt, now);
  const names = Math.min(
    30,
    Math.max(...run.jobs.map(({ name }) => textWidth(harmless(name)))),
    width - textWidth(time) - 7,
  );
  const name = pad(fit(harmless(job.name), names), names);
  const room = width - names - textWidth(time) - 9;
  const note = room < 8 ? "" : dim(fit(noteOf(job, run.state), room));
  const lines = [
    `${branch} ${markOf(job.state)} ${[name, note, dim(time)].filter((part) => textWidth(part) > 0).join("  ")}`.trimEnd(),
  ];
  if (job.reason !== null && job.state !== "succeeded")
    for (const line of wrap(harmless(job.reason), width, " ".repeat(6)).slice(0, reasonLines))
      lines.push(stem + line.slice(3));
  return lines;
}

/** What a job is doing or waiting for; one that has ended says no more than its mark and its reason. */
const noteOf = (job: JobShape, run: State): string =>
  job.state === "pending" && isTerminal(run)
    ? "not run"
    : isTerminal(job.state)
      ? ""
      : harmless(job.message?.split("\n")[0] ?? "");

const pauseLines = ({ id, paused }: Run, width: number, now: number): readonly string[] =>
  paused === null
    ? []
    : [
        ...wrap(
          `paused by ${harmless(paused.by)} ${ago(paused.since, now)}${paused.because === null ? "" : `: ${harmless(paused.because)}`}`,
          width,
          "  ",
        ),
        ...wrap(`→ fairway resume ${id}, or fairway stop ${id}`, width, "  "),
      ];

const attentionLines = (run: Run, width: number): readonly string[] =>
  run.attention === null
    ? []
    : [
        ...wrap(`needs attention: ${harmless(run.attention.why)}`, width, "  "),
        ...wrap(`→ ${harmless(run.attention.action)}`, width, "  "),
      ];
