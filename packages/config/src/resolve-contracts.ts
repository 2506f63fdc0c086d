import type { ChainPlacement, ServiceContract, ServiceContracts, SignerReference } from "@fairway/core";
import { usualMultiSend } from "@fairway/core";
import { millisOf } from "./duration.ts";
import type { Ledger } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { ChainConfig, ChainSigner, ContractConfig, ContractsConfig } from "./project-config.ts";

/** The contracts of a service; nothing where it is no set of contracts. */
export function resolveContracts(
  at: Path,
  service: string,
  written: ContractsConfig | undefined,
  ledger: Ledger,
): { readonly contracts?: ServiceContracts } {
  if (written === undefined) return {};
  const contract = ([name, config]: [string, ContractConfig]): ServiceContract => {
    const here: Path = [...at, "contracts", name];
    return {
      name,
      contract: ledger.own([...here, "contract"], config.contract, ""),
      kind: ledger.own([...here, "kind"], config.kind, "immutable"),
      args: ledger.own([...here, "args"], config.args, []),
      initializer:
        config.initializer === undefined
          ? null
          : ({
              args: [],
              ...ledger.own([...here, "initializer"], config.initializer, config.initializer),
            } as ServiceContract["initializer"]),
      migrate:
        config.migrate === undefined
          ? null
          : ({
              args: [],
              ...ledger.own([...here, "migrate"], config.migrate, config.migrate),
            } as ServiceContract["migrate"]),
      salt: ledger.own([...here, "salt"], config.salt, service),
      unsafeAllow: ledger.own([...here, "unsafeAllow"], config.unsafeAllow, []),
    };
  };
  return {
    contracts: {
      buildInfo: ledger.own([...at, "buildInfo"], written.buildInfo, "build-info"),
      contracts: Object.entries(written.contracts).map(contract),
      invariants: ledger
        .own([...at, "invariants"], written.invariants, [])
        .map(({ of, function: asked, args = [], equals }) => ({ of, function: asked, args, equals })),
    },
  };
}

/** The chain of a service here. Never inherited: another environment has contracts of its own. */
export function resolveChain(
  at: Path,
  written: ChainConfig | undefined,
  ledger: Ledger,
): { readonly chain?: ChainPlacement } {
  if (written === undefined) return {};
  const own = <Key extends keyof ChainConfig>(
    key: Key,
    standard: NonNullable<ChainConfig[Key]>,
  ): NonNullable<ChainConfig[Key]> =>
    ledger.own<NonNullable<ChainConfig[Key]>>(
      [...at, key],
      written[key] as NonNullable<ChainConfig[Key]> | undefined,
      standard,
    );
  const { safe, signer } = written;
  return {
    chain: {
      chain: own("id", 0),
      rpc: own("rpc", []),
      requestsPerSecond: own("requestsPerSecond", 20),
      confirmations: own("confirmations", 12),
      by:
        safe === undefined
          ? { signer: signerOf(own("signer", signer ?? noSigner)) }
          : {
              safe: {
                ...{ address: safe.address, service: safe.service, apiKey: safe.apiKey ?? null },
                proposer: signerOf(own("safe", safe).proposer),
              },
            },
      registry: ledger.own<string | null>([...at, "registry"], written.registry, null),
      multiSend: own("multiSend", usualMultiSend),
      addresses: own("addresses", {}),
      poll: ledger.own([...at, "poll"], written.poll === undefined ? undefined : millisOf(written.poll), 15_000),
    },
  };
}

/** Refused by a rule before anything is done with it. */
const noSigner: ChainSigner = { keystore: "", password: { secret: "" } };

const signerOf = (written: ChainSigner): SignerReference =>
  "kms" in written
    ? { kind: "kms", key: written.kms, region: written.region }
    : { kind: "keystore", file: written.keystore, password: { secret: written.password.secret } };
