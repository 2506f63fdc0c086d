import type { Abi } from "viem";
import { parseAbi } from "viem";

// What contracts of these kinds are always called by, whatever else they can do.

/** https://eips.ethereum.org/EIPS/eip-1822, as OpenZeppelin 5 has it. */
export const uupsAbi: Abi = parseAbi([
  "function upgradeToAndCall(address newImplementation, bytes data) payable",
  "function proxiableUUID() view returns (bytes32)",
]);

/** The administrator of a transparent proxy, of OpenZeppelin 5. */
export const proxyAdminAbi: Abi = parseAbi([
  "function upgradeAndCall(address proxy, address implementation, bytes data) payable",
  "function owner() view returns (address)",
]);

export const beaconAbi: Abi = parseAbi([
  "function upgradeTo(address newImplementation)",
  "function implementation() view returns (address)",
]);

/** What Fairway asks of a registry. */
export const registryAbi: Abi = parseAbi([
  "function addressOf(bytes32 name) view returns (address)",
  "function setAddress(bytes32 name, address given)",
]);
