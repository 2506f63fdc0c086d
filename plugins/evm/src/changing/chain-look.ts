import type { Address, Hex } from "viem";
import { getAddress, isAddressEqual, stringToHex, zeroAddress } from "viem";
import type { ChainConnection } from "../chain/chain-connection.ts";
import { adminSlot, implementationSlot } from "../chain/known-addresses.ts";
import { beaconAbi, registryAbi } from "./usual-abis.ts";

/** What stands on the chain, read when it is asked for. Throws what viem throws. */
export interface ChainLook {
  codeAt(address: Address): Promise<Hex | undefined>;
  /** What an EIP-1967 proxy leads to; null for what is none. */
  implementationOf(proxy: Address): Promise<Address | null>;
  /** Who may change what a transparent proxy leads to; null for none. */
  adminOf(proxy: Address): Promise<Address | null>;
  /** What a beacon leads to; null for what is none. */
  beaconOf(beacon: Address): Promise<Address | null>;
  /** Null where the registry knows no such name. */
  entryOf(registry: Address, name: string): Promise<Address | null>;
}

/** Looks at a chain through any of its clients, also one of a fork. */
export function chainLook(client: ChainConnection["client"]): ChainLook {
  const slot = async (address: Address, at: Hex): Promise<Address | null> => {
    const word = (await client.getStorageAt({ address, slot: at })) ?? "0x";
    return nonZero(getAddress(`0x${word.slice(2).padStart(64, "0").slice(24)}`));
  };
  return {
    codeAt: (address) => client.getCode({ address }),
    implementationOf: (proxy) => slot(proxy, implementationSlot),
    adminOf: (proxy) => slot(proxy, adminSlot),
    beaconOf: async (address) =>
      nonZero((await client.readContract({ address, abi: beaconAbi, functionName: "implementation" })) as Address),
    entryOf: async (address, name) =>
      nonZero(
        (await client.readContract({
          ...{ address, abi: registryAbi, functionName: "addressOf", args: [nameWord(name)] },
        })) as Address,
      ),
  };
}

const nonZero = (address: Address): Address | null => (isAddressEqual(address, zeroAddress) ? null : address);

/** A name as the registry takes it: its letters, filled up with zeros. */
export const nameWord = (name: string): Hex => stringToHex(name, { size: 32 });
