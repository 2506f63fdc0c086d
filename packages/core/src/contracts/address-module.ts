import type { ContractVersion } from "./contract-ledger.ts";

/**
 * The addresses of a release's contracts as a TypeScript module for a frontend, whose bundle pins them by importing it. The
 * same version always gives the same text.
 */
export function addressModule({ environment, service, version, release, contracts }: ContractVersion): string {
  const rows = contracts.map(
    ({ name, chain, address }) =>
      `  ${JSON.stringify(name)}: { chain: ${chain}, address: ${JSON.stringify(address)} },`,
  );
  return [
    `// Written by \`fairway contracts ${environment} --export ts\`: version ${version} of ${environment}/${service}, of release ${release}.`,
    "export const contracts = {",
    ...rows,
    "} as const;",
    "",
  ].join("\n");
}
