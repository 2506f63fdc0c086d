import type { Hex } from "viem";
import { keccak256 } from "viem";
import type { ContractBuild } from "./build-info.ts";

/** The code that runs at an address, with zeros where its constructor filled something in. */
function plainCode(code: Hex, { filled }: Pick<ContractBuild, "filled">): Hex {
  let plain: string = code;
  for (const { start, length } of filled) {
    const at = 2 + start * 2;
    plain = plain.slice(0, at) + "0".repeat(length * 2) + plain.slice(at + length * 2);
  }
  return plain as Hex;
}

/** Whether an address runs this contract, to the byte. */
export const runs = (code: Hex | undefined, build: ContractBuild): boolean =>
  code !== undefined && code.length === build.deployed.length && plainCode(code, build) === build.deployed;

/** Keccak-256 of what runs, without what a constructor fills in. */
export const codeHash = ({ deployed }: Pick<ContractBuild, "deployed">): Hex => keccak256(deployed);

/**
 * What the compiler hashed of sources and settings, which it appends to the code; null where it was told not to.
 * https://docs.soliditylang.org/en/latest/metadata.html
 */
export function metadataHash({ deployed }: Pick<ContractBuild, "deployed">): Hex | null {
  const length = Number.parseInt(deployed.slice(-4), 16);
  const trailer = deployed.slice(-4 - length * 2, -4);
  // The key "ipfs", and a text of bytes, 34 long.
  const [, hash] = /64697066735822([0-9a-f]{68})/u.exec(trailer) ?? [];
  return hash === undefined ? null : `0x${hash}`;
}
