import type { Argv } from "../project/project.ts";

/**
 * How a contract changes: what a proxy leads to, through itself (`uups`), its administrator (`transparent`) or a beacon; a
 * new instance that the registry names from then on; or never.
 */
export const contractKinds = ["uups", "transparent", "beacon", "instance", "immutable"] as const;

export type ContractKind = (typeof contractKinds)[number];

/** A call that is made with an upgrade, or that sets a proxy up. Arguments as texts: `$safe`, and `$market` for a contract. */
export interface ContractCall {
  readonly function: string;
  readonly args: readonly string[];
}

/** One contract of a service. */
export interface ServiceContract {
  /** Under which the registry knows it. */
  readonly name: string;
  /** As the compiler knows it: `TokenMarket`, or `src/TokenMarket.sol:TokenMarket` where there are several. */
  readonly contract: string;
  readonly kind: ContractKind;
  /** Of its constructor; those of the implementation where it is behind a proxy. */
  readonly args: readonly string[];
  /** Sets a new proxy up; null for none. */
  readonly initializer: ContractCall | null;
  /** Made in the same transaction as an upgrade; null for none. */
  readonly migrate: ContractCall | null;
  /** Of its address, which follows from this, its code and its arguments. */
  readonly salt: string;
  /** Checks of OpenZeppelin that the team has decided are none here: `constructor`, `delegatecall`, … */
  readonly unsafeAllow: readonly string[];
}

/** A question to the contracts whose answer must be this, before and after every change, and after its way back. */
export interface ContractInvariant {
  /** The name of a contract. */
  readonly of: string;
  readonly function: string;
  readonly args: readonly string[];
  readonly equals: string;
}

/** The contracts of a service, which its releases bring as build-info files. */
export interface ServiceContracts {
  /** Where they are in the artifact: a folder of build-info files, as Hardhat and Foundry write them. */
  readonly buildInfo: string;
  /** Each after those that it refers to. */
  readonly contracts: readonly ServiceContract[];
  readonly invariants: readonly ContractInvariant[];
}

/** Stands for the command of a service that is a set of contracts: nothing is started, and a chain is changed. */
export const contractsCommand: Argv = ["fairway-contracts"];

/** Whether a service is a set of contracts. */
export const isContractsCommand = ([program]: Argv): boolean => program === contractsCommand[0];
