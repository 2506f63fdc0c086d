import type { ContractLedger, Release, Service } from "@fairway/core";
import { serviceOf } from "@fairway/core";

/** `market` → `MARKET_CONTRACTS`. */
const contractsVariable = (service: string): string => `${service.toUpperCase().replaceAll("-", "_")}_CONTRACTS`;

/** Whether a service is a set of smart contracts, which nobody reaches by an address of this machine. */
export const isOfContracts = ({ project }: Release, service: string): boolean =>
  serviceOf(project, service)?.contracts !== undefined;

/**
 * Where a service finds the contracts that it depends on, as JSON by their names. They are those of its own release, whenever
 * it is started: what a later release moves, an earlier one does not see. Nothing of contracts that are on no chain of the
 * environment.
 */
export async function contractVariables(
  ledger: ContractLedger | undefined,
  release: Release,
  environment: string,
  { dependsOn }: Pick<Service, "dependsOn">,
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  if (ledger === undefined) return found;
  for (const name of dependsOn.filter((one) => isOfContracts(release, one))) {
    const versions = await ledger.versions(environment, name);
    const version = versions.find((one) => one.release === release.id) ?? versions[0];
    if (version === undefined || version.contracts.length === 0) continue;
    const addresses = version.contracts.map(({ name: of, chain, address }) => [of, { chain, address }] as const);
    found[contractsVariable(name)] = JSON.stringify(Object.fromEntries(addresses));
  }
  return found;
}
