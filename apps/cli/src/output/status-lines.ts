import type { EnvironmentShape, Status } from "@fairway/api";
import { ago } from "./times.ts";
import { bold, dim, fit, harmless, markOf, pad, paint } from "./terminal.ts";

/** What runs where, what moves and what waits, in at most `width` columns. */
export function statusLines(status: Status, width: number, now: number): readonly string[] {
  const lines = [
    `${bold(status.project)}  ${dim(fit(status.url, width - status.project.length - 2))}`,
    ...status.problems.map((problem) => `${markOf("errored")} ${fit(harmless(problem), width - 2)}`),
  ];
  for (const environment of status.environments) lines.push("", ...environmentLines(environment, width, now));
  if (status.active.length > 0) lines.push("", bold("on its way"));
  for (const run of status.active) {
    const tail = run.attention ? `  ${run.attention.action}` : run.state === "waiting" ? `  fairway run show ${run.id}` : "";
    lines.push(fit(`${markOf(run.state)} ${run.id}  ${harmless(run.title)}`, width));
    if (tail) lines.push(dim(fit(`    →${tail}`, width)));
  }
  return lines;
}

function environmentLines(environment: EnvironmentShape, width: number, now: number): readonly string[] {
  const { current, lock, moving } = environment;
  const what = current
    ? `${current.release}  ${current.revision.short}  ${ago(current.since, now)}  ${harmless(current.revision.subject)}`
    : "nothing runs here yet";
  const lines = [fit(`${bold(environment.name)}  ${what}`, width)];
  if (environment.url && current) lines.push(dim(fit(`  ${environment.url}`, width)));
  if (lock) lines.push(paint("waiting", fit(`  locked by ${harmless(lock.by)} ${ago(lock.since, now)}: ${harmless(lock.reason)}`, width)));
  if (moving) lines.push(paint("running", `  being changed by ${moving}`));
  const names = Math.max(8, ...environment.services.map(({ name }) => name.length));
  for (const { name, ready, desired, replicas, urls, problem } of environment.services) {
    const well = ready === desired && problem === null;
    const failing = replicas.find(({ state }) => state === "failed");
    const note = problem ?? failing?.reason?.split("\n")[0] ?? urls[0] ?? "";
    const mark = markOf(well ? "succeeded" : ready > 0 ? "running" : "failed");
    lines.push(fit(`  ${mark} ${pad(name, names)}  ${ready}/${desired} ready  ${dim(harmless(note))}`, width));
  }
  return lines;
}
