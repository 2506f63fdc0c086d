import type { ReleaseId } from "../ids.ts";
import type { Millis } from "../units.ts";
import type { Replica, ReplicaHost, ReplicaSpec } from "./replica-host.ts";
import type { Progress, Rollout } from "./rollout.ts";
import type { RouteDefaults } from "./routing.ts";
import { drainFirst, leaveTable, takeTraffic } from "./routing.ts";
import { rolling } from "./strategies/rolling.ts";
import type { Facts, Group, Move, StrategyOptions } from "./strategy.ts";
import { nothing } from "./strategy.ts";
import type { Target, Upkeep } from "./target.ts";
import type { TrafficRouter } from "./traffic-router.ts";

/** How long a replica may take to end its open requests, and then to end itself. */
export interface StopLimits {
  readonly drain: Millis;
  readonly grace: Millis;
}

/** What `driven` needs to make a Target of a place that only starts and stops replicas. */
export interface DrivenParts {
  readonly host: ReplicaHost;
  readonly router: TrafficRouter;
  /** The route of this service without its groups. */
  readonly route: RouteDefaults;
  /** How to start the `ordinal`th replica of a release. Throws when the release's artifact cannot be had. */
  readonly specOf: (release: ReleaseId, ordinal: number) => Promise<ReplicaSpec>;
  readonly stop: StopLimits;
  /** How soon to look again while replicas start; short, because it is added to every deployment. */
  readonly lookAgain: Millis;
}

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

const isRunning = (replica: Replica): boolean => replica.state === "starting" || replica.state === "ready";

const sum = (a: Group, b: Group): Group => ({
  running: a.running + b.running,
  ready: a.ready + b.ready,
  failed: a.failed + b.failed,
  busy: a.busy + b.busy,
});

/** Makes a Target of a place where replicas are started and stopped one by one. Looks, decides, moves, forgets. */
export function driven(parts: DrivenParts): Target {
  const { host, router, route, stop } = parts;

  async function observe(): Promise<Map<ReleaseId, Group>> {
    const groups = new Map<ReleaseId, Group>();
    for (const replica of await host.list())
      groups.set(replica.release, sum(groups.get(replica.release) ?? nothing, census([replica])));
    return groups;
  }

  /** Starts what is missing of a release, under names that nothing on record has. */
  async function start(
    rollout: Rollout,
    release: ReleaseId,
    there: readonly Replica[],
    count: number,
  ): Promise<readonly string[]> {
    const started: string[] = [];
    const taken = new Set(there.map((replica) => replica.name));
    let missing = count - census(there).running;
    for (let ordinal = 0; missing > 0; ordinal++) {
      const spec = await parts.specOf(release, ordinal);
      if (taken.has(spec.name)) continue;
      await host.start(spec, rollout.token);
      started.push(spec.name);
      missing--;
    }
    return started;
  }

  /** Takes replicas out: off the table, drained, stopped. The order is what makes it exactly zero failed requests. */
  async function end(rollout: Rollout, leaving: readonly Replica[], staying: readonly Replica[]): Promise<void> {
    if (leaving.length === 0) return;
    await takeTraffic(router, route, rollout.token, staying);
    await drainFirst(router, leaving, stop.drain);
    await Promise.all(leaving.map((replica) => host.stop(replica.name, stop.grace, rollout.token)));
  }

  async function forget(rollout: Rollout, dead: readonly Replica[]): Promise<void> {
    for (const replica of dead) await host.forget(replica.name, rollout.token);
  }

  /** Ends what has failed but still lives; it serves nobody and would count against the bounds. */
  async function bury(rollout: Rollout, all: readonly Replica[]): Promise<void> {
    const ill = all.filter((replica) => replica.state === "failed" && replica.alive);
    await end(rollout, ill, without(all, ill));
  }

  /** Makes it so many of each, and says when to look again: at once where something left, since that made room. */
  async function scale(rollout: Rollout, all: readonly Replica[], move: Move & { do: "scale" }): Promise<Progress> {
    const candidates = all.filter((replica) => replica.release === rollout.to);
    const stable = all.filter((replica) => replica.release !== rollout.to && isRunning(replica));
    await start(rollout, rollout.to, candidates, move.candidate);
    const surplus = firstToLeave(candidates.filter(isRunning)).slice(0, -move.candidate || undefined);
    const leaving = [...firstToLeave(stable).slice(0, Math.max(0, stable.length - move.stable)), ...surplus];
    await end(rollout, leaving, without(all, leaving));
    await forget(rollout, leaving);
    return moving(`${move.stable} old, ${move.candidate} new`, leaving.length > 0 ? 0 : parts.lookAgain);
  }

  /** One look, one decision, one move. */
  async function roll(rollout: Rollout, facts: Facts): Promise<Progress> {
    const all = await host.list();
    await bury(rollout, all);
    await takeTraffic(router, route, rollout.token, all);
    const move = decide(rollout, all, facts);
    switch (move.do) {
      case "scale":
        return scale(rollout, all, move);
      case "shift":
        throw new Error("no strategy of today shifts traffic by weight");
      case "hold":
        return moving(`waiting until ${move.until}`, parts.lookAgain);
      case "abort":
        return { phase: "failed", reason: withEvidence(move.reason, rollout, all) };
      case "finish":
        await forget(
          rollout,
          all.filter((replica) => !isRunning(replica)),
        );
        return { phase: "succeeded" };
    }
  }

  async function endAll(rollout: Rollout): Promise<Progress> {
    const all = await host.list();
    await end(
      rollout,
      all.filter((replica) => replica.alive),
      [],
    );
    await forget(rollout, all);
    await leaveTable(router, route.name, rollout.token);
    return { phase: "succeeded" };
  }

  return {
    kind: host.kind,
    strategies: new Set([rolling.name]),
    observe,
    advance: roll,

    async abort(rollout): Promise<Progress> {
      if (rollout.from === null) return endAll(rollout);
      // What died of the old release while it was being replaced says nothing about whether it can be brought back.
      const all = await host.list();
      await bury(rollout, all);
      await forget(
        rollout,
        all.filter((replica) => replica.release === rollout.from && !isRunning(replica)),
      );
      return roll(backwards(rollout, rollout.from), { candidateChecks: "passed", sinceFullShift: 0 });
    },

    async keep(wanted, when = "now"): Promise<Upkeep> {
      const all = await host.list();
      await bury(wanted, all);
      const dead = all.filter((replica) => !isRunning(replica));
      await forget(wanted, dead);
      const there = all.filter((replica) => replica.release === wanted.to && isRunning(replica));
      const restarted = when === "now" ? await start(wanted, wanted.to, there, wanted.desired) : [];
      await takeTraffic(router, route, wanted.token, without(all, dead));
      const lost = dead
        .filter((replica) => replica.release === wanted.to)
        .map(({ name, reason }) => ({ replica: name, reason: reason ?? "ended, and nobody told it to" }));
      return { ready: census(there).ready, restarted, lost };
    },
  };
}

/** The way back keeps to the same bounds, and has no breaker: there is nowhere else to go. */
const backwards = (rollout: Rollout, release: ReleaseId): Rollout => ({
  ...rollout,
  from: rollout.to,
  to: release,
  strategy: { ...rollout.strategy, breakerThreshold: Number.POSITIVE_INFINITY },
});

function decide(rollout: Rollout, all: readonly Replica[], facts: Facts): Move {
  const candidates = all.filter((replica) => replica.release === rollout.to);
  const view = {
    desired: rollout.desired,
    stable: census(all.filter((replica) => replica.release !== rollout.to)),
    candidate: census(candidates),
    weight: 0,
    facts,
  };
  return strategyOf(rollout.strategy).next(rollout.strategy, view);
}

/** The decider for these options. */
export function strategyOf(options: StrategyOptions): typeof rolling {
  switch (options.name) {
    case "rolling":
      return rolling;
  }
}

/** Those that serve nobody go first, then the idle, then the busy. */
const firstToLeave = (replicas: readonly Replica[]): readonly Replica[] =>
  replicas.toSorted((a, b) => Number(a.state === "ready") - Number(b.state === "ready") || a.busy - b.busy);

const without = (all: readonly Replica[], some: readonly Replica[]): readonly Replica[] =>
  all.filter((replica) => !some.some((other) => other.name === replica.name));

const moving = (message: string, checkAgainIn: Millis): Progress => ({ phase: "moving", message, checkAgainIn });

/** The decision with what the replicas said, so that nobody has to go and look. What all of them said is told once. */
function withEvidence(reason: string, rollout: Rollout, all: readonly Replica[]): string {
  const names = new Map<string, string[]>();
  for (const replica of all) {
    if (replica.release !== rollout.to || replica.state !== "failed" || !replica.reason) continue;
    names.set(replica.reason, [...(names.get(replica.reason) ?? []), replica.name]);
  }
  return [reason, ...[...names].map(([said, by]) => `${by.join(", ")}: ${said}`)].join("\n");
}
