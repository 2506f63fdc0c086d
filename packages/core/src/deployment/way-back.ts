import type { Service } from "../project/project.ts";

/** Two lists of services: those of the release that comes back, and those of what runs. */
export interface BackServices {
  readonly to: readonly Service[];
  readonly from: readonly Service[];
}

/** A service on the way back, and those that must have gone back before it. */
export interface StepBack {
  readonly service: string;
  readonly after: readonly string[];
}

/**
 * The order of a way back: the reverse of the dependencies of what runs, so that nothing calls an older service than it
 * was made for. What does not run now comes first, in the order of its own dependencies, because others will need it.
 */
export function orderBack({ to, from }: BackServices, moving: readonly string[]): readonly StepBack[] {
  const running = new Set(from.map(({ name }) => name));
  const isMoving = new Set(moving);
  const starting = moving.filter((name) => !running.has(name));
  const going = moving.filter((name) => running.has(name));
  const toNeeds = needsOf(to);
  const fromNeeds = needsOf(from);
  const missing = new Set(starting);
  const startsBefore = (service: string): readonly string[] =>
    [...(toNeeds.get(service) ?? [])].filter((name) => missing.has(name));
  const goesBefore = (service: string): readonly string[] =>
    going.filter((other) => other !== service && isMoving.has(other) && fromNeeds.get(other)?.has(service));
  const placeIn = new Map(from.map(({ name }, place) => [name, place]));
  return [
    ...starting.map((service) => ({ service, after: startsBefore(service) })),
    ...going
      .toSorted((a, b) => (placeIn.get(b) ?? 0) - (placeIn.get(a) ?? 0))
      .map((service) => ({ service, after: [...startsBefore(service), ...goesBefore(service)] })),
  ];
}

/** Everything that each service needs, also what its own dependencies need. The services are in dependency order. */
function needsOf(services: readonly Service[]): ReadonlyMap<string, ReadonlySet<string>> {
  const needs = new Map<string, ReadonlySet<string>>();
  for (const { name, dependsOn } of services)
    needs.set(name, new Set(dependsOn.flatMap((one) => [one, ...(needs.get(one) ?? [])])));
  return needs;
}
