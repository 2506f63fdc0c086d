import type { Address, Hex } from "viem";
import { getContractAddress, keccak256, toHex } from "viem";

/** Makes contracts at addresses that follow from their code. https://github.com/Arachnid/deterministic-deployment-proxy */
export const factory: Address = "0x4e59b44847b379578588920cA78FbF26c0B4956C";

/** Where a proxy keeps what it leads to. https://eips.ethereum.org/EIPS/eip-1967 */
export const implementationSlot: Hex = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
/** And who may change that. */
export const adminSlot: Hex = "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103";

/** A salt as the factory takes it. */
export const saltOf = (words: string): Hex => keccak256(toHex(words));

/** The address that the factory makes a contract at. https://eips.ethereum.org/EIPS/eip-1014 */
export const madeAt = (salt: Hex, creation: Hex): Address =>
  getContractAddress({ opcode: "CREATE2", from: factory, salt, bytecode: creation });
