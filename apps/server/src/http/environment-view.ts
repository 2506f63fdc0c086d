import type { EnvironmentShape, ReleaseFigures } from "@fairway/api";
import type { Environment, EnvironmentWords, ReadinessFacts, Release, Replica } from "@fairway/core";
import { healthOf, readinessOf } from "@fairway/core";
import type { Deployment, EnvironmentLock, EnvironmentRuns } from "@fairway/engine";

/** What is known of one environment at one moment. */
export interface EnvironmentFacts {
  readonly environment: Environment;
  readonly words: EnvironmentWords;
  readonly current: { readonly release: Release; readonly since: string; readonly run: string } | null;
  readonly previous: string | null;
  /** Which release each service runs that does not run the environment's own. */
  readonly mixed: ReadonlyMap<string, string>;
  readonly quarantine: EnvironmentShape["quarantine"];
  readonly lock: EnvironmentLock | null;
  /** What holds it, and what comes after that. */
  readonly runs: EnvironmentRuns;
  /** The deployment that ended last. */
  readonly last: Deployment | null;
  /** What holds it still now, by its configuration. */
  readonly freeze: EnvironmentShape["freeze"];
  /** What a deployment without a named release would bring. */
  readonly next: ReadinessFacts["next"];
  readonly services: readonly ServiceFacts[];
}

export interface ServiceFacts {
  readonly name: string;
  readonly desired: number;
  readonly urls: readonly string[];
  readonly replicas: readonly Replica[];
  /** Why its replicas could not be looked at. */
  readonly problem: string | null;
  /** By release; null where that is not known. */
  readonly traffic: readonly ReleaseFigures[] | null;
  /** What its users are told instead of being served. */
  readonly maintenance: string | null;
  /** Where its contracts are, where it has some in the place of replicas; null before the first. */
  readonly chain?: EnvironmentShape["services"][number]["chain"];
  /** What runs on without traffic, for the way back. */
  readonly warm: EnvironmentShape["services"][number]["warm"];
}

/** The last deployment that ended, where what it was to bring is not what runs. */
function lastView(last: Deployment | null, current: string | null): EnvironmentShape["last"] {
  if (last === null || last.outcome === null || last.outcome === "deployed" || last.run === current) return null;
  const { run, release, from, outcome, restored, supersededBy, why, beganAt, endedAt } = last;
  return { run, release, from, outcome, restored, supersededBy, why, endedAt: endedAt ?? beganAt };
}

function heldBy(lock: EnvironmentLock | null, { holders }: EnvironmentRuns): EnvironmentShape["holder"] {
  const held = lock?.holder ? holders.get(lock.holder.run) : undefined;
  return held === undefined ? null : { ...held };
}

export function environmentView({
  environment,
  words,
  current,
  previous,
  mixed,
  quarantine,
  lock,
  runs,
  last,
  freeze,
  next,
  services,
}: EnvironmentFacts): EnvironmentShape {
  const { name, purpose, url, deploys, promotesFrom, approvals } = environment;
  const shown = services.map(serviceView);
  const moving = lock?.holder?.run ?? null;
  const locked = lock?.manual
    ? { by: lock.manual.by, reason: lock.manual.because, since: lock.manual.since, until: lock.manual.until }
    : null;
  const health = healthOf(shown);
  const behind = runs.behind.get(name);
  return {
    name,
    purpose,
    url,
    urls: [...words.urls],
    starts: [...words.starts],
    protection: [...words.protection],
    scale: [...words.scale],
    deploys,
    promotesFrom,
    approvals,
    current: current && {
      release: current.release.id,
      revision: current.release.revision,
      since: current.since,
      run: current.run,
    },
    mixed: [...mixed].map(([service, release]) => ({ service, release })),
    quarantine,
    previous,
    moving,
    holder: heldBy(lock, runs),
    behind: { count: behind?.count ?? 0, first: (behind?.first ?? []).map((one) => ({ ...one })) },
    last: lastView(last, current?.run ?? null),
    lock: locked,
    freeze,
    next: readinessOf({ environment, next, current: current?.release.id ?? null, moving, lock: locked, freeze }),
    health: { state: health.state, because: [...health.because] },
    services: shown,
  };
}

/** Contracts count as one, which is ready where nobody found the chain to differ. */
const readyOf = ({ chain, problem, replicas, warm, desired }: ServiceFacts): number =>
  chain === undefined
    ? replicas.filter(({ state, release }) => state === "ready" && release !== warm?.release).length
    : chain !== null && problem === null
      ? desired
      : 0;

const serviceView = (service: ServiceFacts): EnvironmentShape["services"][number] => ({
  name: service.name,
  desired: service.desired,
  ready: readyOf(service),
  ...(service.chain === undefined ? {} : { chain: service.chain }),
  urls: [...service.urls],
  problem: service.problem,
  traffic: service.traffic && [...service.traffic],
  maintenance: service.maintenance,
  warm: service.warm,
  replicas: service.replicas.map(({ name: replica, release, state, busy, endpoint, reason }) => ({
    name: replica,
    release,
    state,
    busy,
    address: endpoint && `${endpoint.host}:${endpoint.port}`,
    reason: reason ?? null,
  })),
});
