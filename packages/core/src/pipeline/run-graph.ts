import type { State, TerminalState } from "../states.ts";
import { isTerminal } from "../states.ts";

/** When a job's turn comes, once everything it needs is settled. */
export type Turn =
  /** All that it needs succeeded. */
  | "after-success"
  /** Something that it needs did not succeed: the way to put things right. */
  | "after-trouble"
  /** All that it needs has ended, however; it looks itself whether there is something for it to do, and a stop stops it. */
  | "after-all"
  /** The same, and no stop keeps it from it. */
  | "always";

/** A job as the graph sees it. */
export interface JobView {
  readonly name: string;
  readonly needs: readonly string[];
  readonly turn: Turn;
  readonly state: State;
}

/** What the state of a run's jobs asks for now. */
export interface NextMoves {
  /** Jobs whose turn has come. */
  readonly ready: readonly string[];
  /** How the run ended; null while something runs, waits or is still to come. */
  readonly ended: TerminalState | null;
}

/**
 * What is known of a job. One that can never have its turn is *blocked* by trouble or by a stop, or *spared* because all
 * went well: it was there to put things right, or comes after something that was.
 */
type Fate = "settled" | "open" | "blocked" | "spared";

/**
 * Which jobs are next, and whether the run is over. Decides from the rows alone, so that it can be asked again after
 * any crash. `stopping`: a person asked for the run to stop; only what puts things right still gets its turn.
 */
export function nextMoves(jobs: readonly JobView[], stopping: boolean): NextMoves {
  const byName: ByName = new Map(jobs.map((job) => [job.name, job]));
  const fates = fatesOf(jobs, byName, stopping);
  const ready = jobs.filter((job) => job.state === "pending" && turnOf(job, byName, fates, stopping) === "now");
  const open = jobs.some((job) => fates.get(job.name) === "open");
  return { ready: ready.map((job) => job.name), ended: open ? null : verdictOf(jobs, stopping) };
}

/** Asked for each job at the end of each job, so nothing here goes through all jobs for one of them. */
type ByName = ReadonlyMap<string, JobView>;

const neededBy = (job: JobView, byName: ByName): readonly JobView[] =>
  job.needs.flatMap((name) => byName.get(name) ?? []);

function fatesOf(jobs: readonly JobView[], byName: ByName, stopping: boolean): ReadonlyMap<string, Fate> {
  const fates = new Map<string, Fate>();
  const visit = (job: JobView): Fate => {
    const known = fates.get(job.name);
    if (known) return known;
    for (const needed of neededBy(job, byName)) visit(needed);
    const fate = fateOf(job, byName, fates, stopping);
    fates.set(job.name, fate);
    return fate;
  };
  for (const job of jobs) visit(job);
  return fates;
}

function fateOf(job: JobView, byName: ByName, fates: ReadonlyMap<string, Fate>, stopping: boolean): Fate {
  if (isTerminal(job.state)) return "settled";
  if (job.state !== "pending" || turnOf(job, byName, fates, stopping) !== "never") return "open";
  const inTheWay = neededBy(job, byName).some((other) => isTrouble(other) || fates.get(other.name) === "blocked");
  return inTheWay || stopping ? "blocked" : "spared";
}

const isTrouble = (job: JobView): boolean => isTerminal(job.state) && job.state !== "succeeded";

function turnOf(
  job: JobView,
  byName: ByName,
  fates: ReadonlyMap<string, Fate>,
  stopping: boolean,
): "now" | "later" | "never" {
  const needed = neededBy(job, byName);
  const settled = needed.every((other) => fates.get(other.name) !== "open");
  const trouble = needed.some(isTrouble);
  const blocked = needed.some((other) => fates.get(other.name) === "blocked");
  const spared = needed.some((other) => fates.get(other.name) === "spared");
  switch (job.turn) {
    case "after-success":
      if (stopping || trouble || blocked || spared) return "never";
      return settled ? "now" : "later";
    case "after-trouble": {
      if (!settled) return "later";
      const begun = needed.some((other) => isTerminal(other.state));
      return trouble || (begun && (blocked || stopping)) ? "now" : "never";
    }
    case "after-all":
    case "always":
      return settled ? "now" : "later";
  }
}

/** How a run with these jobs ended: what could not be found out weighs more than a no. */
function verdictOf(jobs: readonly JobView[], stopping: boolean): TerminalState {
  if (stopping && jobs.some((job) => job.state !== "succeeded")) return "aborted";
  const worst = (["errored", "failed", "aborted"] as const).find((state) => jobs.some((job) => job.state === state));
  return worst ?? "succeeded";
}

/**
 * Which jobs go back to pending for another try: those that did not succeed, all that come after them, and, where
 * something was put right afterwards, whatever that undid.
 */
export function jobsToRetry(jobs: readonly JobView[]): readonly string[] {
  const again = new Set(
    jobs.filter((job) => isTerminal(job.state) && job.state !== "succeeded").map((job) => job.name),
  );
  for (const job of jobs)
    if (job.turn === "after-trouble" && isTerminal(job.state))
      for (const name of [job.name, ...job.needs]) again.add(name);
  for (let before = -1; before !== again.size;) {
    before = again.size;
    for (const job of jobs) if (job.needs.some((name) => again.has(name))) again.add(job.name);
  }
  return jobs.filter((job) => again.has(job.name) && job.state !== "pending").map((job) => job.name);
}
