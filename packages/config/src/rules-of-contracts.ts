import { testNetworks } from "@fairway/core";
import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import { impossibleKey } from "./problems.ts";
import type { ChainConfig } from "./project-config.ts";
import type { RuleFacts } from "./rules.ts";

/** What contracts could not be, and that no key of Fairway's changes any where coins have worth. */
export const contractRules = ({ config }: RuleFacts): readonly Finding[] => [
  ...Object.entries(config.services).flatMap(([name, service]): readonly Finding[] => {
    if (service.contracts === undefined) return [];
    const at: Path = ["services", name];
    const others = (["run", "static", "container", "database", "migrations"] as const).filter(
      (key) => service[key] !== undefined && service[key] !== false,
    );
    return [
      ...others.map((key) =>
        impossibleKey(
          [...at, key],
          `${name} is a set of contracts, and has "${key}"`,
          "take it out, or make it a service of its own",
        ),
      ),
      ...invariantFindings(at, service.contracts),
    ];
  }),
  ...Object.entries(config.environments ?? {}).flatMap(([environment, { services = {} }]) =>
    Object.entries(services).flatMap(([name, { chain }]): readonly Finding[] => {
      if (chain === undefined) return [];
      const at: Path = ["environments", environment, "services", name, "chain"];
      if (config.services[name] !== undefined && config.services[name].contracts === undefined)
        return [
          impossibleKey(at, `${name} has a chain and no \`contracts\``, `give services.${name} its \`contracts\``),
        ];
      return signerFindings(at, chain);
    }),
  ),
];

function invariantFindings(
  at: Path,
  { contracts, invariants = [] }: NonNullable<RuleFacts["config"]["services"][string]["contracts"]>,
): readonly Finding[] {
  return invariants.flatMap(({ of }, index) =>
    Object.hasOwn(contracts, of)
      ? []
      : [
          {
            path: [...at, "contracts", "invariants", index, "of"],
            part: "value" as const,
            code: "unknown_name" as const,
            message: `there is no contract "${of}"`,
            fix: `name one of ${Object.keys(contracts).join(", ")}`,
          },
        ],
  );
}

function signerFindings(at: Path, { id, safe, signer }: ChainConfig): readonly Finding[] {
  if (safe !== undefined && signer !== undefined)
    return [
      impossibleKey([...at, "signer"], "contracts are changed by a Safe or by a key, not by both", "take `signer` out"),
    ];
  if (safe === undefined && signer === undefined)
    return [impossibleKey(at, "nobody may change these contracts", "name the `safe` that owns them")];
  if (signer !== undefined && !testNetworks.has(id))
    return [
      impossibleKey(
        [...at, "signer"],
        `chain ${id} is no test network, and Fairway holds no key that changes contracts there`,
        "name the `safe` that owns them: its owners sign, and Fairway proposes",
      ),
    ];
  return [];
}
