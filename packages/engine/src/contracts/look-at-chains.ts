import type { Release } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { PlaceParts } from "../rollouts/place-of.ts";
import { placeOf } from "../rollouts/place-of.ts";
import { keepContractDrift } from "../store/contract-ledger.ts";
import type { Store } from "../store/store.ts";

/**
 * Compares the chain of each environment with what its release left there, and writes down what differs. A node that does
 * not answer is a difference of its own: nobody knows. What was not so at the last look is told.
 */
export async function lookAtChains(
  parts: PlaceParts,
  store: Store,
  running: readonly { readonly environment: string; readonly release: Release }[],
  tell: (message: string) => void,
): Promise<void> {
  for (const { environment, release } of running) {
    const placements = release.project.environments.find(({ name }) => name === environment)?.placements ?? [];
    for (const { service } of placements.filter(({ chain }) => chain !== undefined)) {
      const place = placeOf(parts, release, environment, service).contracts;
      const [newest] = (await place?.ledger.versions(environment, service)) ?? [];
      if (place === undefined || newest === undefined || newest.contracts.length === 0) continue;
      const differences = await differencesOf(parts, place, newest.release);
      for (const difference of await keepContractDrift(store, { environment, service, differences }))
        tell(`contracts of ${environment}/${service}: ${difference}`);
    }
  }
}

async function differencesOf(
  { places }: PlaceParts,
  ...asked: Parameters<NonNullable<PlaceParts["places"]["contractDifferences"]>>
): Promise<readonly string[]> {
  try {
    return (await places.contractDifferences?.(...asked)) ?? [];
  } catch (thrown) {
    return [`could not be looked at: ${messageOf(thrown)}`];
  }
}
