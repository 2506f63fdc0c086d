import { FairwayError } from "@fairway/core";
import type { Address, Hex } from "viem";
import { bytesToHex, isAddressEqual, numberToHex, recoverAddress, serializeSignature } from "viem";
import { publicKeyToAddress } from "viem/accounts";
import type { ChainSigner } from "./chain-signer.ts";

/** An asymmetric key of the kind ECC_SECG_P256K1 in a key service, such as AWS KMS: it signs, and is never seen. */
export interface KeyService {
  /** In DER, as SubjectPublicKeyInfo. */
  publicKey(): Promise<Uint8Array>;
  /** ECDSA over a digest of 32 bytes, in DER. */
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Signs with a key of a key service. Throws `key_unusable` where it is no key of this curve. */
export async function kmsSigner(service: KeyService): Promise<ChainSigner> {
  const der = await service.publicKey();
  const point = der.subarray(-65);
  if (der.length !== 88 || point[0] !== 4)
    throw new FairwayError("key_unusable", "the key is none of the curve secp256k1", {
      hint: "make it with the key spec ECC_SECG_P256K1 and the usage SIGN_VERIFY",
    });
  const address = publicKeyToAddress(bytesToHex(point));
  return {
    address,
    sign: async (digest) =>
      withParity(address, digest, numbersOf(await service.sign(Buffer.from(digest.slice(2), "hex")))),
  };
}

/** A key service does not say which of two points it was: the one that gives its address. */
async function withParity(address: Address, digest: Hex, [r, s]: readonly [bigint, bigint]): Promise<Hex> {
  // The higher half is refused since EIP-2.
  const low = s > order / 2n ? order - s : s;
  for (const yParity of [0, 1] as const) {
    const signature = serializeSignature({
      r: numberToHex(r, { size: 32 }),
      s: numberToHex(low, { size: 32 }),
      yParity,
    });
    if (isAddressEqual(await recoverAddress({ hash: digest, signature }), address)) return signature;
  }
  throw new FairwayError("key_unusable", "the key service signed with another key");
}

/** The two numbers of a signature in DER. */
function numbersOf(der: Uint8Array): readonly [bigint, bigint] {
  const number = (at: number): { readonly value: bigint; readonly end: number } => {
    const length = der[at + 1] ?? 0;
    const end = at + 2 + length;
    if (der[at] !== 2 || length === 0 || end > der.length)
      throw new FairwayError("key_unusable", "the key service's signature is not in DER");
    return { value: BigInt(bytesToHex(der.subarray(at + 2, end))), end };
  };
  const r = number(2);
  return [r.value, number(r.end).value];
}
