import type { Release, ReleaseId } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { PlaceParts } from "../rollouts/place-of.ts";
import { placeOf } from "../rollouts/place-of.ts";
import type { ContractPlace } from "../rollouts/places.ts";
import { keepContractDrift, withdrawnUnposted } from "../store/contract-ledger.ts";
import type { Store } from "../store/store.ts";

/**
 * Compares the chain of each environment with what its release left there, and writes down what differs. A node that does not
 * answer is a difference of its own: nobody knows. What was not so at the last look is told. Contracts that nobody put there
 * yet are looked after where something of them was withdrawn before it was posted: it may come late.
 */
export async function lookAtChains(
  parts: PlaceParts,
  store: Store,
  running: readonly { readonly environment: string; readonly release: Release }[],
  tell: (message: string) => void,
): Promise<void> {
  const seen = new Set<string>();
  async function look(environment: string, service: string, place: ContractPlace, of: ReleaseId): Promise<void> {
    seen.add(`${environment}/${service}`);
    const differences = await differencesOf(parts, place, of);
    for (const difference of await keepContractDrift(store, { environment, service, differences }))
      tell(`contracts of ${environment}/${service}: ${difference}`);
  }
  for (const { environment, release } of running) {
    const placements = release.project.environments.find(({ name }) => name === environment)?.placements ?? [];
    for (const { service } of placements.filter(({ chain }) => chain !== undefined)) {
      const place = placeOf(parts, release, environment, service).contracts;
      const [newest] = (await place?.ledger.versions(environment, service)) ?? [];
      if (place === undefined || newest === undefined || newest.contracts.length === 0) continue;
      await look(environment, service, place, newest.release);
    }
  }
  for (const { environment, service, release } of await withdrawnUnposted(store)) {
    if (seen.has(`${environment}/${service}`)) continue;
    const place = placeOf(parts, await parts.releaseOf(release), environment, service).contracts;
    if (place !== undefined) await look(environment, service, place, release);
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
