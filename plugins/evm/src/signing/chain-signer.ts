import type { Address, Hex } from "viem";

/** A key that signs digests, wherever it lies. */
export interface ChainSigner {
  readonly address: Address;
  /** Of 32 bytes; r, s and v (27 or 28), with s in the lower half. */
  sign(digest: Hex): Promise<Hex>;
}
