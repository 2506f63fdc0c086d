import type { DeploymentOutcome } from "../deployment/outcome.ts";
import { changedNothing } from "../deployment/outcome.ts";
import type { DeploymentReason } from "../deployment/plan.ts";
import type { ReleaseId, RunId, Sha } from "../ids.ts";
import type { Millis } from "../units.ts";

/** A deployment as the ledger has it, with what it brought. */
export interface LedgerDeployment {
  readonly run: RunId;
  readonly environment: string;
  readonly release: ReleaseId;
  readonly from: ReleaseId | null;
  readonly reason: DeploymentReason;
  readonly outcome: DeploymentOutcome;
  readonly restored: boolean | null;
  readonly beganAt: Millis;
  readonly endedAt: Millis;
  /** The services whose artifact it changed. */
  readonly services: readonly string[];
  /** The commits that it brought and the release before had not, with when each was committed. */
  readonly changes: readonly Change[];
}

/** A commit, and when it was committed. */
export interface Change {
  readonly sha: Sha;
  readonly at: Millis;
}

/** Of what and of when the figures are asked. */
export interface DoraQuestion {
  readonly environment: string;
  /** Only deployments that changed this service; null for all. */
  readonly service: string | null;
  readonly from: Millis;
  /** The first moment that does not belong to it. */
  readonly to: Millis;
}

/** DORA's five figures of software delivery, from the ledger; a rate or a time is null where nothing happened. */
export interface DoraFigures {
  /** Deployments that were carried through. */
  readonly deployed: number;
  readonly perDay: number;
  /** From a commit until it ran there. */
  readonly leadTime: { readonly median: Millis | null; readonly p90: Millis | null; readonly changes: number };
  /** Of the deployments that changed the environment, those that had to be taken back, or left it in no known state. */
  readonly changeFailure: Ratio;
  /** From when a deployment that failed changed the environment until it ran well again. */
  readonly recovery: { readonly median: Millis | null; readonly recovered: number; readonly open: number };
  /** Of all deployments, those that were made only because one before had failed. */
  readonly rework: Ratio;
  /** By day in UTC, the oldest first, days without any too. */
  readonly days: readonly { readonly day: string; readonly deployed: number; readonly failed: number }[];
}

/** A part of a whole; the rate is null where the whole is nothing. */
export interface Ratio {
  readonly part: number;
  readonly whole: number;
  readonly rate: number | null;
}

const day: Millis = 86_400_000;

/**
 * The figures of one environment in one window. A deployment belongs to the window in which it ended; what came of it is
 * looked for in everything that is given, so give what came after the window, and some of what came before. Neither the
 * order of what is given nor other environments change anything.
 */
export function doraOf(ledger: readonly LedgerDeployment[], question: DoraQuestion): DoraFigures {
  const { environment, service, from, to } = question;
  const history = ledger
    .filter((one) => one.environment === environment && changedIt(one))
    .toSorted((a, b) => a.endedAt - b.endedAt || numberOf(a.run) - numberOf(b.run));
  const failures = failuresIn(history);
  const reworked = reworkIn(history, failures);
  const firsts = firstArrivals(history);
  const asked = history.filter(
    ({ endedAt, services }) => endedAt >= from && endedAt < to && (service === null || services.includes(service)),
  );
  const forward = asked.filter(({ reason }) => reason !== "rollback");
  const deployed = forward.filter(({ outcome }) => outcome === "deployed");
  const failed = forward.filter(({ run }) => failures.has(run));
  const leads = deployed.flatMap((one) =>
    one.changes.filter(({ sha }) => firsts.get(sha) === one.run).map(({ at }) => Math.max(0, one.endedAt - at)),
  );
  const recoveries = failed.map(({ run }) => failures.get(run) ?? null);
  const times = recoveries.flatMap((time) => time ?? []);
  return {
    deployed: deployed.length,
    perDay: deployed.length / Math.max(1, (to - from) / day),
    leadTime: { median: quantile(leads, 0.5), p90: quantile(leads, 0.9), changes: leads.length },
    changeFailure: ratio(failed.length, forward.length),
    recovery: { median: quantile(times, 0.5), recovered: times.length, open: recoveries.length - times.length },
    rework: ratio(asked.filter(({ run }) => reworked.has(run)).length, asked.length),
    days: daysOf(question, deployed, failed),
  };
}

/** What ended before it had changed anything was no deployment. */
const changedIt = (one: LedgerDeployment): boolean => !changedNothing(one);

/**
 * The deployments that failed, with how long it took until the environment ran well again; null where it does not yet. A
 * deployment failed when it did not come to its end, or when a rollback took it back afterwards.
 */
function failuresIn(history: readonly LedgerDeployment[]): ReadonlyMap<RunId, Millis | null> {
  const found = new Map<RunId, Millis | null>();
  let nextDeployed: LedgerDeployment | undefined;
  let nextWell: LedgerDeployment | undefined;
  for (const one of history.toReversed()) {
    const { run, reason, outcome, restored, release, beganAt, endedAt } = one;
    if (reason !== "rollback") {
      if (outcome !== "deployed")
        found.set(
          run,
          restored === true ? endedAt - beganAt : nextWell === undefined ? null : nextWell.endedAt - beganAt,
        );
      else if (nextDeployed?.reason === "rollback" && nextDeployed.from === release)
        found.set(run, nextDeployed.endedAt - endedAt);
    }
    if (outcome === "deployed") nextDeployed = one;
    if (outcome === "deployed" || restored === true) nextWell = one;
  }
  return found;
}

/** Rollbacks, and what was brought right after a deployment that failed: none of them had been meant before. */
function reworkIn(
  history: readonly LedgerDeployment[],
  failures: ReadonlyMap<RunId, Millis | null>,
): ReadonlySet<RunId> {
  const found = new Set<RunId>();
  let isMending = false;
  for (const { run, reason } of history) {
    if (reason === "rollback") found.add(run);
    else {
      if (isMending) found.add(run);
      isMending = failures.has(run);
    }
  }
  return found;
}

/** By which deployment each commit first ran there: brought again after a rollback it is no new change. */
function firstArrivals(history: readonly LedgerDeployment[]): ReadonlyMap<Sha, RunId> {
  const found = new Map<Sha, RunId>();
  for (const { run, reason, outcome, changes } of history)
    if (outcome === "deployed" && reason !== "rollback")
      for (const { sha } of changes) if (!found.has(sha)) found.set(sha, run);
  return found;
}

function daysOf(
  { from, to }: DoraQuestion,
  deployed: readonly LedgerDeployment[],
  failed: readonly LedgerDeployment[],
): DoraFigures["days"] {
  const count = (of: readonly LedgerDeployment[]): ReadonlyMap<string, number> => {
    const found = new Map<string, number>();
    for (const { endedAt } of of) found.set(dayOf(endedAt), (found.get(dayOf(endedAt)) ?? 0) + 1);
    return found;
  };
  const [well, ill] = [count(deployed), count(failed)];
  const days: string[] = [];
  for (let at = Math.floor(from / day) * day; at < to; at += day) days.push(dayOf(at));
  return days.map((name) => ({ day: name, deployed: well.get(name) ?? 0, failed: ill.get(name) ?? 0 }));
}

const dayOf = (at: Millis): string => new Date(at).toISOString().slice(0, 10);
const numberOf = (run: RunId): number => Number(run.slice("run-".length));
const ratio = (part: number, whole: number): Ratio => ({ part, whole, rate: whole === 0 ? null : part / whole });

/** The value below which so much of them lies: the nearest that there is. Null for none. */
function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
