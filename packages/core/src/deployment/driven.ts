import type { ReleaseId } from "../ids.ts";
import { inParallel } from "../in-parallel.ts";
import type { Millis, Percent } from "../units.ts";
import { candidateCensus, census, censusByRelease, firstToLeave, isRunning } from "./replica-census.ts";
import type { Replica, ReplicaHost, ReplicaSpec } from "./replica-host.ts";
import type { Progress, Rollout } from "./rollout.ts";
import type { RouteDefaults } from "./routing.ts";
import {
  fenceRoute,
  carriesTraffic,
  drainFirst,
  groupsByReplicas,
  groupsByShare,
  leaveTable,
  shareOf,
  takeTraffic,
} from "./routing.ts";
import { asKnown, audienceOf, previewOf } from "./newcomer.ts";
import { comeBack } from "./strategies/blue-green.ts";
import { nextMove, strategyNames, trafficOf } from "./strategies/every-strategy.ts";
import type { Facts, Group, Move, View } from "./strategy.ts";
import { plainFacts } from "./strategy.ts";
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

/** How a strategy that shifts traffic has shared it out; null where traffic follows the replicas. */
type Share = { readonly candidate: ReleaseId; readonly percent: Percent } | null;

/** Makes a Target of a place where replicas are started and stopped one by one. Looks, decides, moves, forgets. */
export function driven(parts: DrivenParts): Target {
  const { host, router, route, stop } = parts;

  async function observe(): Promise<Map<ReleaseId, Group>> {
    return censusByRelease(await host.list());
  }

  /** Starts what is missing of a release, under names that nothing on record has. */
  async function start(
    rollout: Rollout,
    release: ReleaseId,
    there: readonly Replica[],
    count: number,
  ): Promise<readonly string[]> {
    const missing: ReplicaSpec[] = [];
    const taken = new Set(there.map((replica) => replica.name));
    const most = count - census(there).running;
    for (let ordinal = 0; missing.length < most; ordinal++) {
      const spec = await parts.specOf(release, ordinal);
      if (!taken.has(spec.name)) missing.push(spec);
    }
    await inParallel(missing, (spec) => host.start(spec, rollout.token));
    return missing.map(({ name }) => name);
  }

  /** Gives these replicas the traffic, each release its share. */
  async function share(rollout: Rollout, among: readonly Replica[], share: Share): Promise<void> {
    const groups = share === null ? groupsByReplicas(among) : groupsByShare(among, share.candidate, share.percent);
    const isNew = share !== null && share.candidate === rollout.to && share.percent < 100;
    await takeTraffic(router, route, rollout.token, {
      groups,
      audience: isNew ? audienceOf(rollout) : null,
      preview: isNew ? previewOf(rollout, route, among) : null,
    });
  }

  /** What lives and gets nothing, of releases that this is not about. Where there is none, the router is not asked. */
  async function idleBut(
    releases: readonly (ReleaseId | null)[],
    all: readonly Replica[],
  ): Promise<readonly Replica[]> {
    const others = all.filter(({ alive, release }) => alive && !releases.includes(release));
    if (others.length === 0) return [];
    const table = await router.read();
    return others.filter(({ endpoint }) => endpoint === null || !carriesTraffic(table, route.name, endpoint));
  }

  /** Ends replicas that get nothing already. */
  async function endThese(leaving: readonly Replica[], { token }: Rollout): Promise<void> {
    await drainFirst(router, leaving, stop.drain);
    await Promise.all(leaving.map((replica) => host.stop(replica.name, stop.grace, token)));
    await inParallel(leaving, ({ name }) => host.forget(name, token));
  }

  /**
   * Nobody who acted before may end what we count on, and what an earlier deployment left warm gives its room to this one,
   * unless this is the way back to it.
   */
  async function takeOver(rollout: Rollout): Promise<void> {
    await host.fence(rollout.token);
    await endThese(await idleBut([rollout.from, rollout.to], await host.list()), rollout);
  }

  /** The share that the candidate has now, as the routing table says; null where traffic follows the replicas. */
  async function shareNow({ strategy, to }: Rollout): Promise<Share> {
    if (trafficOf(strategy) === "by-replicas") return null;
    return { candidate: to, percent: shareOf(await router.read(), route.name, to) ?? 0 };
  }

  /** The same for the way back, whose candidate is the old release: what the new one was not given is still its. */
  async function shareOnTheWayBack({ strategy, from, to }: Rollout): Promise<Share> {
    if (trafficOf(strategy) === "by-replicas") return null;
    const table = await router.read();
    const taken = from === null ? 0 : (shareOf(table, route.name, from) ?? 0);
    return { candidate: to, percent: shareOf(table, route.name, to) ?? 100 - taken };
  }

  /** Takes replicas out: off the table, drained, stopped. The order is what makes it exactly zero failed requests. */
  async function end(
    rollout: Rollout,
    leaving: readonly Replica[],
    staying: readonly Replica[],
    now: Share,
  ): Promise<void> {
    if (leaving.length === 0) return;
    await share(rollout, staying, now);
    await drainFirst(router, leaving, stop.drain);
    await Promise.all(leaving.map((replica) => host.stop(replica.name, stop.grace, rollout.token)));
  }

  async function forget(rollout: Rollout, dead: readonly Replica[]): Promise<void> {
    await inParallel(dead, ({ name }) => host.forget(name, rollout.token));
  }

  /** Ends what has failed but still lives; it serves nobody and would count against the bounds. */
  async function bury(rollout: Rollout, all: readonly Replica[], now: Share): Promise<void> {
    const ill = all.filter((replica) => replica.state === "failed" && replica.alive);
    await end(rollout, ill, without(all, ill), now);
  }

  /** Makes it so many of each, and says when to look again: at once where something left, since that made room. */
  async function scale(
    rollout: Rollout,
    all: readonly Replica[],
    move: Move & { do: "scale" },
    now: Share,
  ): Promise<Progress> {
    const candidates = all.filter((replica) => replica.release === rollout.to);
    const stable = all.filter((replica) => replica.release !== rollout.to && isRunning(replica));
    await start(rollout, rollout.to, candidates, move.candidate);
    const surplus = firstToLeave(candidates.filter(isRunning)).slice(0, -move.candidate || undefined);
    const leaving = [...firstToLeave(stable).slice(0, Math.max(0, stable.length - move.stable)), ...surplus];
    await end(rollout, leaving, without(all, leaving), now);
    await forget(rollout, leaving);
    return moving(`${move.stable} old, ${move.candidate} new`, leaving.length > 0 ? 0 : parts.lookAgain, now);
  }

  /** One look, one decision, one move. */
  async function roll(rollout: Rollout, now: Share, decide: (view: View) => Move, facts: Facts): Promise<Progress> {
    const all = await host.list();
    await bury(rollout, all, now);
    await share(rollout, all, now);
    const view = viewOf(rollout, all, now, facts);
    const progress = await make(rollout, all, now, decide(view));
    return progress.phase === "moving"
      ? { ...progress, replicas: { old: view.stable, new: view.candidate } }
      : progress;
  }

  async function make(rollout: Rollout, all: readonly Replica[], now: Share, move: Move): Promise<Progress> {
    switch (move.do) {
      case "scale":
        return scale(rollout, all, move, now);
      case "shift": {
        const shifted = { candidate: rollout.to, percent: move.weight };
        await share(rollout, all, shifted);
        return moving(`${move.weight} % of traffic to ${rollout.to}`, 0, shifted);
      }
      case "hold":
        return {
          ...moving(`waiting until ${move.until}`, parts.lookAgain, now),
          ...(move.wants === undefined ? {} : { wants: move.wants }),
        };
      case "ask":
        return moving(`waiting for an answer: ${move.question}`, parts.lookAgain, now, move.question);
      case "abort":
        return { phase: "failed", reason: withEvidence(move.reason, rollout, all) };
      case "finish":
        // What still runs of the old set stays warm, and off the table.
        if (now !== null)
          await share(
            rollout,
            all.filter(({ release }) => release === rollout.to),
            now,
          );
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
      null,
    );
    await forget(rollout, all);
    await leaveTable(router, route.name, rollout.token);
    return { phase: "succeeded" };
  }

  return {
    kind: host.kind,
    strategies: strategyNames,
    observe,
    async fence(token): Promise<void> {
      await host.fence(token);
      await fenceRoute(router, route.name, token);
    },
    async advance(rollout, facts): Promise<Progress> {
      await takeOver(rollout);
      return roll(rollout, await shareNow(rollout), (view) => nextMove(rollout.strategy, view), facts);
    },

    async hold(rollout): Promise<Progress> {
      await host.fence(rollout.token);
      const now = await shareNow(rollout);
      const all = await host.list();
      await share(rollout, all, now);
      const { stable, candidate } = viewOf(rollout, all, now, plainFacts);
      return { ...moving("", parts.lookAgain, now), replicas: { old: stable, new: candidate } };
    },

    async abort(rollout): Promise<Progress> {
      if (rollout.from === null) return endAll(rollout);
      await takeOver(rollout);
      // What died of the old release while it was being replaced says nothing about whether it can be brought back.
      const all = await host.list();
      const back = backwards(rollout, rollout.from);
      const now = await shareOnTheWayBack(back);
      await bury(back, all, now);
      await forget(
        rollout,
        all.filter((replica) => replica.release === rollout.from && !isRunning(replica)),
      );
      const next = now === null ? (view: View) => nextMove(back.strategy, view) : comeBack;
      const progress = await roll(back, now, next, plainFacts);
      return progress.phase === "moving" ? seenFromTheNew(progress) : progress;
    },

    async keep(wanted, when = "now"): Promise<Upkeep> {
      const all = await host.list();
      const idle = await idleBut([wanted.to], all);
      const own = without(all, idle);
      await bury(wanted, own, null);
      const dead = own.filter((replica) => !isRunning(replica));
      await forget(wanted, dead);
      const there = own.filter((replica) => replica.release === wanted.to && isRunning(replica));
      const restarted = when === "now" ? await start(wanted, wanted.to, there, wanted.desired) : [];
      await share(wanted, without(own, dead), null);
      const lost = dead
        .filter((replica) => replica.release === wanted.to)
        .map(({ name, reason }) => ({ replica: name, reason: reason ?? "ended, and nobody told it to" }));
      return {
        ready: census(there).ready,
        restarted,
        lost,
        idle: idle.map(({ name, release, busy }) => ({ replica: name, release, busy })),
      };
    },

    async rest(rollout): Promise<void> {
      const all = await host.list();
      const alive = all.filter((replica) => replica.alive);
      // Off the table first, where somebody else answers from then on.
      await share(rollout, [], null);
      await drainFirst(router, alive, stop.drain);
      await Promise.all(alive.map(({ name }) => host.stop(name, stop.grace, rollout.token)));
      await forget(rollout, all);
    },

    async endIdle(wanted, warm): Promise<void> {
      await endThese(await idleBut([wanted.to, warm], await host.list()), wanted);
    },
  };
}

/** The way back keeps to the same bounds, and has no breaker: there is nowhere else to go. */
const backwards = (rollout: Rollout, release: ReleaseId): Rollout => ({
  ...rollout,
  from: rollout.to,
  to: release,
  strategy: { ...asKnown(rollout.strategy), breakerThreshold: Number.POSITIVE_INFINITY, minHealthyTime: 0 },
});

/** What the way back has seen, with the words of the way there. */
const seenFromTheNew = (progress: Extract<Progress, { phase: "moving" }>): Progress => ({
  ...progress,
  ...(progress.replicas && { replicas: { old: progress.replicas.new, new: progress.replicas.old } }),
  ...(progress.weight === undefined ? {} : { weight: 100 - progress.weight }),
});

const viewOf = (rollout: Rollout, all: readonly Replica[], now: Share, facts: Facts): View => ({
  desired: rollout.desired,
  stable: census(all.filter((replica) => replica.release !== rollout.to)),
  candidate: candidateCensus(rollout, all),
  weight: now?.percent ?? 0,
  facts,
});

const without = (all: readonly Replica[], some: readonly Replica[]): readonly Replica[] =>
  all.filter((replica) => !some.some((other) => other.name === replica.name));

const moving = (
  message: string,
  checkAgainIn: Millis,
  now: Share,
  asks?: string,
): Extract<Progress, { phase: "moving" }> => ({
  phase: "moving",
  message,
  checkAgainIn,
  ...(now === null ? {} : { weight: now.percent }),
  ...(asks === undefined ? {} : { asks }),
});

/** The decision with what the replicas said, so that nobody has to go and look. What all of them said is told once. */
function withEvidence(reason: string, rollout: Rollout, all: readonly Replica[]): string {
  const names = new Map<string, string[]>();
  for (const replica of all) {
    if (replica.release !== rollout.to || replica.state !== "failed" || !replica.reason) continue;
    names.set(replica.reason, [...(names.get(replica.reason) ?? []), replica.name]);
  }
  return [reason, ...[...names].map(([said, by]) => `${by.join(", ")}: ${said}`)].join("\n");
}
