import { setTimeout as wait } from "node:timers/promises";
import type { AnalysisShape, Client, Run } from "@fairway/api";
import type { State } from "@fairway/core";
import { exitCodeOf, isTerminal } from "@fairway/core";
import { createLogUpdate } from "log-update";
import type { GlobalOptions } from "./context.ts";
import { analysisLines } from "./output/analysis-lines.ts";
import { leftOutLines, nextSteps } from "./output/next-steps.ts";
import { evidenceLines, outcomeLines } from "./output/evidence-lines.ts";
import { runTree } from "./output/run-tree.ts";
import { columns, fit, harmless, isInteractive, print, printJson } from "./output/terminal.ts";

/** Between two looks. Asking costs the daemon a millisecond, and times must move on the picture anyway. */
const frame = 200;
/** What a shell calls a program that Ctrl-C ended. */
const interrupted = 130;

/**
 * Shows a run, and the runs that it starts, until each has ended or waits for a person. Returns the exit code that
 * tells how it went.
 */
export async function followRun(client: Client, id: string, options: GlobalOptions): Promise<number> {
  const show = options.json ? silent() : isInteractive() ? livePicture() : lines();
  const ended: Run[] = [];
  const toFollow = [id];
  let followed = id;
  const leave = (): void => {
    process.stderr.write(
      `\n${followed} goes on without you\n→ see it again with: fairway run watch ${followed}; stop it with: fairway stop ${followed}\n`,
    );
    process.exit(interrupted);
  };
  process.once("SIGINT", leave);
  for (let next = toFollow.shift(); next !== undefined; next = toFollow.shift()) {
    followed = next;
    const run = await settle(client, next, show);
    ended.push(run);
    toFollow.push(...run.next);
  }
  process.off("SIGINT", leave);
  show.end();
  if (options.json) printJson(ended.length === 1 ? ended[0] : ended);
  else {
    for (const run of ended) {
      await tellHowItEnded(client, run);
      tellWhatIsNext(run);
    }
    await tellWhereItIs(client, ended);
  }
  return Math.max(...ended.map((run) => exitCodeOf(run.state)));
}

/** Whether there is nothing to see by waiting: it has ended, or only a person can make it go on. */
const isSettled = (run: Run): boolean =>
  isTerminal(run.state) ||
  run.approval !== null ||
  (run.state === "waiting" && run.lock !== null) ||
  run.attention !== null;

async function settle(client: Client, id: string, show: Display): Promise<Run> {
  for (;;) {
    const run = await client.call("run", { run: id });
    const analysis = isRollingOut(run) ? await client.call("analysis", { run: id }) : [];
    show.update(run, analysis);
    if (isSettled(run)) {
      show.done(run);
      return run;
    }
    await wait(frame);
  }
}

const isRollingOut = ({ kind, jobs }: Run): boolean =>
  kind === "deployment" && jobs.some(({ stage, state }) => stage === "rollout" && state === "running");

interface Display {
  update(run: Run, analysis: AnalysisShape): void;
  /** The run has settled; whatever comes is another. */
  done(run: Run): void;
  end(): void;
}

const silent = (): Display => ({ update: () => undefined, done: () => undefined, end: () => undefined });

/** For a person: one picture that moves. */
function livePicture(): Display {
  const update = createLogUpdate(process.stdout, { showCursor: true });
  const draw = (run: Run, analysis: AnalysisShape): void => {
    const width = columns() - 1;
    const all = [...runTree(run, width, Date.now()), ...analysisLines(analysis, width)];
    const room = Math.max(5, (process.stdout.rows || 24) - 2);
    update((all.length > room ? [...all.slice(0, room - 1), `… ${all.length - room + 1} more`] : all).join("\n"));
  };
  return {
    update: draw,
    done(run) {
      update.clear();
      for (const line of runTree(run, columns() - 1, Date.now())) print(line);
    },
    end: () => update.done(),
  };
}

/** For a log: one line for each thing that changed. */
function lines(): Display {
  const seen = new Map<string, State>();
  const tell = (run: Run, name: string, state: State, detail: string): void => {
    const key = `${run.id} ${name}`;
    if (seen.get(key) === state || state === "pending") return;
    seen.set(key, state);
    const at = new Date().toISOString().slice(11, 19);
    for (const [index, line] of harmless(detail).split("\n").entries())
      print(
        fit(
          index === 0 ? `${at}  ${run.id}  ${state.padEnd(9)}  ${name}${line ? `  ${line}` : ""}` : `    ${line}`,
          columns(),
        ),
      );
  };
  return {
    update(run, analysis) {
      for (const { service, looks } of analysis)
        for (const { weight, verdict, reason } of looks.slice(-1))
          tell(
            run,
            `${harmless(service)} at ${weight} %${verdict === "none" ? "" : `: ${verdict}`}`,
            "running",
            reason,
          );
      for (const job of run.jobs) tell(run, job.name, job.state, job.reason ?? job.message ?? "");
      tell(run, run.title, run.state, run.attention ? `needs attention: ${run.attention.why}` : "");
    },
    done: () => undefined,
    end: () => undefined,
  };
}

/**
 * What a release is without, and where the last environment answers that it came to. What has happened stays so when
 * nobody can be asked.
 */
async function tellWhereItIs(client: Client, ended: readonly Run[]): Promise<void> {
  const made = ended.find((run) => run.kind === "release")?.release;
  const release = made ? await client.call("release", { release: made }).catch(() => null) : null;
  if (release !== null) for (const line of leftOutLines(release)) print(line);
  const arrived = ended.findLast((run) => run.kind === "deployment" && run.state === "succeeded")?.environment;
  const status = arrived ? await client.call("status", {}).catch(() => null) : null;
  if (arrived && status !== null) for (const line of nextSteps(status, arrived)) print(line);
}

/** Of what is shown of a failed deployment's evidence; the rest is one command away. */
const essential = 15;

/** How a deployment ended that did not go well, with the essential evidence. */
async function tellHowItEnded(client: Client, { id, outcome }: Run): Promise<void> {
  if (outcome === null || outcome.outcome === "deployed") return;
  for (const line of outcomeLines(outcome, columns())) print(line);
  if (outcome.restored === null) return;
  const { evidence } = await client.call("deployment", { run: id });
  if (evidence.length === 0) return;
  for (const line of evidenceLines(evidence, columns(), essential)) print(line);
  print(`→ all that was kept: fairway deployments show ${id}`);
}

/** What a person can do now about a run that has stopped. */
export function tellWhatIsNext(run: Run): void {
  if (run.attention) print(`→ ${run.attention.action}`);
  else if (run.approval) print(`→ ${run.approval.until}: fairway approve ${run.id}`);
  else if (run.state === "waiting" && run.lock) print(`→ let it in: fairway unlock ${run.environment ?? ""}`);
  else if (run.outcome?.supersededBy) print(`→ see the newer one: fairway run watch ${run.outcome.supersededBy}`);
  else if (isRefusedRelease(run))
    print(
      `→ see what it said: fairway logs --run ${run.id}; then mend it with a new commit. Where ${run.release} is in quarantine and not to blame: fairway quarantine lift ${run.release} --reason "…", and: fairway run retry ${run.id}`,
    );
  else if (run.state === "failed" || run.state === "errored")
    print(`→ see what it said: fairway logs --run ${run.id}; try again: fairway run retry ${run.id}`);
}

/** Whether the release itself was found bad: trying the same again is refused until somebody has lifted its quarantine. */
const isRefusedRelease = ({ kind, state, jobs, release }: Run): boolean =>
  kind === "deployment" &&
  state === "failed" &&
  release !== null &&
  jobs.some((job) => job.state === "failed" && (job.stage === "rollout" || job.stage === "verify"));
