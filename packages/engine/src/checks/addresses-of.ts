import type { Environment, Project } from "@fairway/core";
import { serviceOf } from "@fairway/core";
import type { Places } from "../rollouts/places.ts";

/** Where an environment and each of its services are reached. */
export function addressesOf(
  places: Pick<Places, "internalUrl">,
  project: Project,
  { name, url, placements }: Environment,
): { readonly url?: string; readonly services: Readonly<Record<string, string>> } {
  const running = placements.filter(({ service }) => (serviceOf(project, service)?.run ?? null) !== null);
  return {
    ...(url === null ? {} : { url }),
    services: Object.fromEntries(running.map(({ service }) => [service, places.internalUrl(name, service)])),
  };
}
