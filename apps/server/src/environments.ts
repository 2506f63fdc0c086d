import type { EnvironmentShape } from "@fairway/api";
import { freezeAt, loadCalendar } from "@fairway/config";
import type { Environment, Placement, Project, Release, ReleaseId, Replica, RunId } from "@fairway/core";
import { FairwayError, bothWindows, environmentOf, environmentWords, messageOf, scopeOf } from "@fairway/core";
import type { Control, EnvironmentLock, EnvironmentRuns, LeftRelease, Places, Standings, Store } from "@fairway/engine";
import {
  contractDrift,
  contractVersions,
  environmentRuns,
  environmentStandings,
  leftBy,
  mixedBy,
  wantedOf,
  warmUntil,
} from "@fairway/engine";
import type { ServiceFacts } from "./http/environment-view.ts";
import { environmentView } from "./http/environment-view.ts";
import { quarantineNote } from "./http/views.ts";
import type { TrafficNow } from "./traffic/traffic-watch.ts";

export interface EnvironmentParts {
  readonly store: Store;
  readonly control: Control;
  readonly places: Places;
  /** The configuration that says what environments there are. */
  readonly project: () => Promise<Project>;
  readonly traffic: () => Promise<TrafficNow>;
}

/** The environments in the order of promotion, each with what really runs there. Whoever has the configuration gives it. */
export async function environmentsNow(
  parts: EnvironmentParts,
  given: Promise<Project> = parts.project(),
): Promise<EnvironmentShape[]> {
  const project = await given;
  const seen = await lookAtAll(
    parts,
    project,
    project.environments.map(({ name }) => name),
  );
  return Promise.all(project.environments.map((environment) => look(parts, environment, seen)));
}

/** Throws `not_found`. */
export async function environmentNow(parts: EnvironmentParts, name: string): Promise<EnvironmentShape> {
  const project = await parts.project();
  const environment = environmentOf(project, name);
  if (environment) {
    const { promotesFrom } = environment;
    const names = promotesFrom === null ? [name] : [name, promotesFrom];
    return look(parts, environment, await lookAtAll(parts, project, names));
  }
  const known = project.environments.map((one) => one.name).join(", ");
  throw new FairwayError("not_found", `there is no environment "${name}"`, {
    hint: known ? `there are ${known}` : "the last commit has no configuration: commit one, then: fairway release",
  });
}

/** The environments that run a release. */
export async function environmentsByRelease(
  parts: Pick<EnvironmentParts, "store" | "project">,
): Promise<ReadonlyMap<ReleaseId, readonly string[]>> {
  const names = (await parts.project()).environments.map(({ name }) => name);
  const standings = await environmentStandings(parts.store, names);
  const running = names.flatMap((name) => {
    const release = standings.of.get(name)?.deployed[0]?.release;
    return release === undefined ? [] : [{ name, release }];
  });
  return new Map(
    running.map(({ release }) => [release, running.filter((one) => one.release === release).map(({ name }) => name)]),
  );
}

/** What is asked once, however many environments are looked at. */
interface Seen {
  readonly project: Project;
  readonly standings: Standings;
  readonly locks: readonly EnvironmentLock[];
  readonly runs: EnvironmentRuns;
  readonly traffic: TrafficNow;
}

async function lookAtAll(parts: EnvironmentParts, project: Project, names: readonly string[]): Promise<Seen> {
  const asksLocks = parts.control.engine.locks();
  const [standings, locks, runs, traffic] = await Promise.all([
    environmentStandings(parts.store, names),
    asksLocks,
    asksLocks.then((locks) => environmentRuns(parts.store, names, holdersOf(locks))),
    parts.traffic(),
  ]);
  return { project, standings, locks, runs, traffic };
}

const holdersOf = (locks: readonly EnvironmentLock[]): readonly RunId[] =>
  locks.flatMap(({ holder }) => (holder === null ? [] : [holder.run]));

async function look(
  parts: EnvironmentParts,
  environment: Environment,
  { project, standings, locks, runs, traffic }: Seen,
): Promise<EnvironmentShape> {
  const { name, promotesFrom } = environment;
  const { releaseOf, plane } = parts.control;
  const { deployed = [], standing = [], last = null, quarantine = null } = standings.of.get(name) ?? {};
  const [own] = deployed;
  const current = own
    ? { release: await releaseOf(own.release), since: new Date(own.ended).toISOString(), run: own.run }
    : null;
  const left = leftBy(deployed.at(-1));
  const before = promotesFrom === null ? undefined : standings.of.get(promotesFrom)?.deployed[0]?.release;
  const candidate = promotesFrom === null ? standings.newest : (before ?? null);
  const [{ release: previous }, next, services] = await Promise.all([
    plane.rollbacks.lastGood(name, standing),
    plane.next(environment, current?.release.id ?? null, candidate === null ? null : await releaseOf(candidate)),
    current ? servicesOf({ ...parts, left }, name, current.release, traffic) : [],
  ]);
  const present = current && environmentOf(current.release.project, name);
  const freezes = bothWindows(present?.freezes, environment.freezes);
  if (freezes.length > 0) await loadCalendar();
  return environmentView({
    freeze: freezeAt(freezes, Date.now()),
    environment,
    words: environmentWords(project, environment),
    current,
    previous,
    mixed: mixedBy(deployed),
    quarantine: quarantineNote(quarantine),
    last,
    lock: locks.find((lock) => lock.environment === name) ?? null,
    runs,
    next,
    services,
  });
}

type ServiceParts = EnvironmentParts & { readonly left: LeftRelease | null };

const servicesOf = (
  parts: ServiceParts,
  environment: string,
  release: Release,
  traffic: TrafficNow,
): Promise<readonly ServiceFacts[]> =>
  Promise.all(
    release.parts
      .filter(({ service }) => release.project.services.some(({ name, run }) => name === service && run !== null))
      .filter(({ service }) =>
        environmentOf(release.project, environment)?.placements.some((placement) => placement.service === service),
      )
      .map(({ service }) => serviceFacts(parts, environment, release, service, traffic)),
  );

async function serviceFacts(
  parts: ServiceParts,
  environment: string,
  release: Release,
  name: string,
  traffic: TrafficNow,
): Promise<ServiceFacts> {
  const { placement } = wantedOf(release.project, environment, name);
  const known = {
    name,
    desired: placement.replicas,
    traffic: traffic.figures?.get(scopeOf(environment, name)) ?? (traffic.figures && []),
    maintenance: traffic.maintenance.get(scopeOf(environment, name)) ?? null,
    urls: placement.routes.map(({ host, path }) => parts.places.publicUrl(host, path)),
  };
  if (placement.chain !== undefined) return { ...known, ...(await contractFacts(parts.store, environment, name)) };
  try {
    const replicas = await parts.places.replicasOf(environment, name);
    return { ...known, replicas, problem: null, warm: warmSet(parts.left, placement, replicas) };
  } catch (thrown) {
    return { ...known, replicas: [], problem: messageOf(thrown), warm: null };
  }
}

/** Contracts as the ledger has them, and what the last look at their chain found. */
async function contractFacts(
  store: EnvironmentParts["store"],
  environment: string,
  name: string,
): Promise<Pick<ServiceFacts, "chain" | "replicas" | "problem" | "warm">> {
  const [newest] = await contractVersions(store, environment, name);
  const drift = (await contractDrift(store, environment)).find(({ service }) => service === name);
  const isThere = newest !== undefined && newest.contracts.length > 0;
  return {
    ...{ replicas: [], warm: null },
    chain: isThere
      ? {
          release: newest.release,
          contracts: newest.contracts.map(({ name: contract, chain, address, implementation }) => ({
            ...{ name: contract, chain, address, implementation },
          })),
        }
      : null,
    problem: drift?.differences[0] ?? (isThere ? null : "no contracts of it are on record"),
  };
}

/** What the last deployment left running for the way back, as far as it still does. */
function warmSet(left: LeftRelease | null, placement: Placement, replicas: readonly Replica[]): ServiceFacts["warm"] {
  const until = warmUntil(left, placement);
  const there = replicas.filter(({ release, alive }) => alive && release === left?.release).length;
  if (left === null || until === null || there === 0) return null;
  return { release: left.release, until: new Date(until).toISOString(), replicas: there };
}
