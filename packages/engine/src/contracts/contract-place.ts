import type { ContractLedger, PlannedContracts, Release, ReleaseId } from "@fairway/core";
import { FairwayError, messageOf, secretScopeOf } from "@fairway/core";
import { artifactDirectory } from "../artifacts/store-artifact.ts";
import type { PlaceParts } from "../rollouts/place-of.ts";
import { placeOf, wantedOf } from "../rollouts/place-of.ts";
import type { ContractPlace } from "../rollouts/places.ts";
import { valuesOf } from "../stages/step-command.ts";

/** Where the contracts of a service are, and what each release wants of them. */
export function contractPlace(
  parts: Pick<PlaceParts, "data" | "releaseOf" | "secrets">,
  ledger: ContractLedger,
  release: Release,
  environment: string,
  name: string,
): ContractPlace {
  return {
    ...{ environment, service: name, ledger },
    async wantedOf(id: ReleaseId) {
      const of = await parts.releaseOf(id);
      const { service, placement } = wantedOf(of.project, environment, name);
      const part = of.parts.find((candidate) => candidate.service === name);
      if (service.contracts === undefined || placement.chain === undefined || part === undefined)
        throw new FairwayError("not_found", `release ${id} has no contracts of "${name}" in ${environment}`);
      return {
        service: service.contracts,
        placement: placement.chain,
        folder: artifactDirectory(part.artifact, parts.data.artifacts),
      };
    },
    async secret(secret) {
      const scope = secretScopeOf(release.project, environment);
      const { value } =
        scope === null ? { value: undefined } : await valuesOf(parts.secrets, scope, { value: { secret } });
      if (value === undefined)
        throw new FairwayError("secret_missing", `${environment} has no secret ${secret}`, {
          hint: `fairway secrets set ${environment} ${secret}`,
        });
      return value;
    },
  };
}

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
