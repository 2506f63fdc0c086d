import type { Value } from "../project/project.ts";
import type { Millis } from "../units.ts";

/** A key that Fairway may use, and never sees in its configuration: a file with a password elsewhere, or one in a service. */
export type SignerReference =
  | { readonly kind: "keystore"; readonly file: string; readonly password: { readonly secret: string } }
  | { readonly kind: "kms"; readonly key: string; readonly region: string };

/**
 * A wallet with several owners. Fairway proposes to it and signs nothing: `proposer` is a delegate, whose word lets a
 * proposal in and counts for none of the signatures.
 */
export interface SafePlacement {
  /** With its checksum, or in small letters. */
  readonly address: string;
  /** The base URL of the Safe Transaction Service. */
  readonly service: string;
  readonly apiKey: { readonly secret: string } | null;
  readonly proposer: SignerReference;
}

/** Where the contracts of a service are in one environment. */
export interface ChainPlacement {
  readonly chain: number;
  /** Nodes, each asked where those before it do not answer. */
  readonly rpc: readonly Value[];
  /** To each of them. */
  readonly requestsPerSecond: number;
  /** How many blocks, its own among them, must stand on a transaction. */
  readonly confirmations: number;
  /** Who changes the contracts: a wallet with several owners, or on networks of no worth a key of ours. */
  readonly by: { readonly safe: SafePlacement } | { readonly signer: SignerReference };
  /** The contract that knows addresses by name; null where there is none. */
  readonly registry: string | null;
  /** Makes several calls of a Safe one transaction. */
  readonly multiSend: string;
  /** Contracts that were there before Fairway, by name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Between two looks. */
  readonly poll: Millis;
}

/**
 * Networks whose coins have no worth, by their number: on these alone a key of Fairway's own may change contracts.
 * https://chainlist.org; 31337 and 1337 are those of developers' own machines.
 */
export const testNetworks: ReadonlySet<number> = new Set([
  1337, 31337, 97, 300, 1442, 2442, 17000, 43113, 59141, 80002, 84532, 421614, 534351, 560048, 11155111, 11155420,
]);

/** `MultiSendCallOnly` of Safe 1.4.1, at the same address on most networks. https://github.com/safe-global/safe-deployments */
export const usualMultiSend = "0x9641d764fc13c8B624c04430C7356C1C7C8102e2";
