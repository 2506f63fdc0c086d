import type { EnvironmentShape } from "@fairway/api";
import { freezeAt, loadCalendar } from "@fairway/config";
import type { Environment, Placement, Project, Release, Replica } from "@fairway/core";
import { FairwayError, bothWindows, environmentOf, messageOf, scopeOf } from "@fairway/core";
import type { Control, EnvironmentLock, LeftRelease, Places, Store } from "@fairway/engine";
import {
  currentDeployment,
  leftWarm,
  listDeployments,
  mixedServices,
  quarantineOf,
  wantedOf,
  warmUntil,
} from "@fairway/engine";
import type { ServiceFacts } from "./http/views.ts";
import { environmentView, quarantineNote } from "./http/views.ts";
import type { TrafficNow } from "./traffic/traffic-watch.ts";

export interface EnvironmentParts {
  readonly store: Store;
  readonly control: Control;
  readonly places: Places;
  /** The configuration that says what environments there are. */
  readonly project: () => Promise<Project>;
  readonly traffic: () => Promise<TrafficNow>;
}

/** The environments in the order of promotion, each with what really runs there. */
export async function environmentsNow(parts: EnvironmentParts): Promise<EnvironmentShape[]> {
  const [{ environments }, locks, traffic] = await Promise.all([
    parts.project(),
    parts.control.engine.locks(),
    parts.traffic(),
  ]);
  return Promise.all(environments.map((environment) => look(parts, environment, locks, traffic)));
}

/** Throws `not_found`. */
export async function environmentNow(parts: EnvironmentParts, name: string): Promise<EnvironmentShape> {
  const project = await parts.project();
  const environment = environmentOf(project, name);
  if (environment) return look(parts, environment, await parts.control.engine.locks(), await parts.traffic());
  const known = project.environments.map((one) => one.name).join(", ");
  throw new FairwayError("not_found", `there is no environment "${name}"`, {
    hint: known ? `there are ${known}` : "the last commit has no configuration: commit one, then: fairway release",
  });
}

async function look(
  parts: EnvironmentParts,
  environment: Environment,
  locks: readonly EnvironmentLock[],
  traffic: TrafficNow,
): Promise<EnvironmentShape> {
  const { name } = environment;
  const [current, { release: previous }, mixed, [last = null]] = await Promise.all([
    currentDeployment(parts.store, name),
    parts.control.plane.rollbacks.lastGood(name),
    mixedServices(parts.store, name),
    listDeployments(parts.store, { environment: name, ended: true, limit: 1 }),
  ]);
  const left = await leftWarm(parts.store, name);
  const next = await parts.control.plane.next(environment, current?.release.id ?? null);
  const services = current ? await servicesOf({ ...parts, left }, name, current.release, traffic) : [];
  const present = current && environmentOf(current.release.project, name);
  const freezes = bothWindows(present?.freezes, environment.freezes);
  if (freezes.length > 0) await loadCalendar();
  return environmentView({
    freeze: freezeAt(freezes, Date.now()),
    environment,
    current,
    previous,
    mixed,
    quarantine: current && quarantineNote(await quarantineOf(parts.store, current.release.digest)),
    last,
    lock: locks.find((lock) => lock.environment === name) ?? null,
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
  try {
    const replicas = await parts.places.replicasOf(environment, name);
    return { ...known, replicas, problem: null, warm: warmSet(parts.left, placement, replicas) };
  } catch (thrown) {
    return { ...known, replicas: [], problem: messageOf(thrown), warm: null };
  }
}

/** What the last deployment left running for the way back, as far as it still does. */
function warmSet(left: LeftRelease | null, placement: Placement, replicas: readonly Replica[]): ServiceFacts["warm"] {
  const until = warmUntil(left, placement);
  const there = replicas.filter(({ release, alive }) => alive && release === left?.release).length;
  if (left === null || until === null || there === 0) return null;
  return { release: left.release, until: new Date(until).toISOString(), replicas: there };
}
