import type { ContractLedger, Release, ReleaseId, SecretSource } from "@fairway/core";
import { environmentOf, FairwayError, secretScopeOf, serviceOf } from "@fairway/core";
import { artifactDirectory } from "../artifacts/store-artifact.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { ContractPlace } from "../rollouts/places.ts";
import { valuesOf } from "../stages/step-command.ts";

interface ContractPlaceParts {
  readonly data: DataDirectory;
  readonly secrets: SecretSource;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
}

/** Where the contracts of a service are, and what each release wants of them. */
export function contractPlace(
  parts: ContractPlaceParts,
  ledger: ContractLedger,
  release: Release,
  environment: string,
  name: string,
): ContractPlace {
  return {
    ...{ environment, service: name, ledger },
    async wantedOf(id: ReleaseId) {
      const of = await parts.releaseOf(id);
      const contracts = serviceOf(of.project, name)?.contracts;
      const chain = environmentOf(of.project, environment)?.placements.find(({ service }) => service === name)?.chain;
      const part = of.parts.find((candidate) => candidate.service === name);
      if (contracts === undefined || chain === undefined || part === undefined)
        throw new FairwayError("not_found", `release ${id} has no contracts of "${name}" in ${environment}`);
      return {
        service: contracts,
        placement: chain,
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
