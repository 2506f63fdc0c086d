import type { PlannedContracts, Release } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { PlaceParts } from "../rollouts/place-of.ts";
import { placeOf } from "../rollouts/place-of.ts";

/** What a deployment would do to the contracts of an environment; nothing where it has none. */
export async function contractPlanFacts(
  parts: PlaceParts,
  release: Release,
  environment: string,
): Promise<{ readonly contracts?: readonly PlannedContracts[] }> {
  const placements = release.project.environments.find(({ name }) => name === environment)?.placements ?? [];
  const contracts: PlannedContracts[] = [];
  for (const { service, chain } of placements) {
    if (chain === undefined || !release.parts.some((part) => part.service === service)) continue;
    const place = placeOf(parts, release, environment, service).contracts;
    if (place === undefined || parts.places.plannedContracts === undefined) continue;
    try {
      contracts.push(await parts.places.plannedContracts(place, release.id));
    } catch (thrown) {
      const nothing = { calls: [], irreversible: [], safe: null };
      contracts.push({ service, chain: chain.chain, ...nothing, obstacles: [messageOf(thrown)] });
    }
  }
  return contracts.length === 0 ? {} : { contracts };
}
