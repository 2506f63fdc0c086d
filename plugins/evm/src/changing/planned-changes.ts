import type {
  ChainPlacement,
  ContractAddress,
  ContractVersion,
  ServiceContract,
  ServiceContracts,
} from "@fairway/core";
import type { Address, Hex } from "viem";
import type { ContractBuild, ContractBuilds } from "../building/build-info.ts";
import type { ChainLook } from "./chain-look.ts";

/** A call that is made in the name of the wallet. */
export interface ContractChange {
  readonly to: Address;
  readonly data: Hex;
  /** For people. */
  readonly text: string;
}

/** What a proxy leads to now, and would. */
export interface Upgrade {
  readonly contract: ServiceContract;
  readonly build: ContractBuild;
  readonly from: Address;
  readonly to: Address;
}

/** All that is to be done so that a chain has what a release wants. */
export interface PlannedChanges {
  readonly calls: readonly ContractChange[];
  /** What undoes them, as far as they can be. */
  readonly back: readonly ContractChange[];
  readonly upgrades: readonly Upgrade[];
  /** What there will be. */
  readonly addresses: readonly ContractAddress[];
  readonly irreversible: readonly string[];
  /** Why it cannot be done, as sentences. */
  readonly problems: readonly string[];
}

export interface ChangeFacts {
  readonly service: ServiceContracts;
  readonly placement: ChainPlacement;
  readonly builds: ContractBuilds;
  readonly look: ChainLook;
  /** Who changes the contracts. */
  readonly by: Address;
  /** Where they were put before, and with which arguments, newest first. */
  readonly versions: readonly ContractVersion[];
}

/** Writes down why it cannot be done. */
export function refuse(plan: Draft, problem: string): null {
  plan.problems.push(problem);
  return null;
}

/** Changes as they are being found. */
export type Draft = {
  readonly [Key in keyof PlannedChanges]: PlannedChanges[Key] extends readonly (infer One)[] ? One[] : never;
};

/** None so far. */
export const emptyPlan = (): Draft => ({
  calls: [],
  back: [],
  upgrades: [],
  addresses: [],
  irreversible: [],
  problems: [],
});
