import type { ReleaseId } from "../ids.ts";
import type { Replica } from "./replica-host.ts";
import type { Rollout } from "./rollout.ts";
import type { Group } from "./strategy.ts";
import { nothing } from "./strategy.ts";

/** Whether a replica lives and was not given up. */
export const isRunning = (replica: Replica): boolean => replica.state === "starting" || replica.state === "ready";

/** How many replicas of a release there are. */
export function census(replicas: readonly Replica[]): Group {
  const count = (state: Replica["state"]): number => replicas.filter((replica) => replica.state === state).length;
  return {
    running: count("starting") + count("ready"),
    ready: count("ready"),
    failed: count("failed"),
    busy: replicas.filter((replica) => replica.alive && replica.busy > 0).length,
  };
}

/** The same of every release. */
export function censusByRelease(replicas: readonly Replica[]): Map<ReleaseId, Group> {
  const groups = new Map<ReleaseId, Group>();
  for (const replica of replicas)
    groups.set(replica.release, sum(groups.get(replica.release) ?? nothing, census([replica])));
  return groups;
}

const sum = (a: Group, b: Group): Group => ({
  running: a.running + b.running,
  ready: a.ready + b.ready,
  failed: a.failed + b.failed,
  busy: a.busy + b.busy,
});

/** The new replicas, of which only those that have proven themselves count as ready. */
export function candidateCensus({ to, strategy }: Rollout, all: readonly Replica[]): Group {
  const own = inOrderOfStart(all.filter((replica) => replica.release === to));
  const proven = own.map((replica) =>
    replica.state === "ready" && replica.healthyFor < (strategy.minHealthyTime ?? 0)
      ? { ...replica, state: "starting" as const }
      : replica,
  );
  return { ...census(proven), failedInARow: failedInARow(proven) };
}

/** Those that failed and were started after the last that is good. */
const failedInARow = (replicas: readonly Replica[]): number =>
  replicas.slice(replicas.findLastIndex(({ state }) => state === "ready") + 1).filter(({ state }) => state === "failed")
    .length;

/** Replicas are numbered as they start, and what failed stays on record until its rollout ends. */
const inOrderOfStart = (replicas: readonly Replica[]): readonly Replica[] =>
  replicas.toSorted((a, b) => ordinalOf(a) - ordinalOf(b));

const ordinalOf = ({ name }: Replica): number => Number(/\d+$/.exec(name)?.[0] ?? 0);

/** Those that serve nobody go first, then the idle, then the busy. */
export const firstToLeave = (replicas: readonly Replica[]): readonly Replica[] =>
  replicas.toSorted((a, b) => Number(a.state === "ready") - Number(b.state === "ready") || a.busy - b.busy);
