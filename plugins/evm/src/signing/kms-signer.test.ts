import { codeOf } from "@fairway/core";
import type { Hex } from "viem";
import { concatHex, hexToBytes, keccak256, numberToHex, parseSignature, recoverAddress, size, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { expect, test } from "vitest";
import { kmsSigner } from "./kms-signer.ts";

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** What stands before a point of this curve in SubjectPublicKeyInfo. */
const head: Hex = "0x3056301006072a8648ce3d020106052b8104000a034200";

/** A number of DER: no zeros before it, but for one where its first bit is set. */
function der(value: Hex): Hex {
  const digits = value.slice(2).replace(/^(?:00)+/u, "");
  const number: Hex = Number.parseInt(digits.slice(0, 2), 16) > 127 ? `0x00${digits}` : `0x${digits}`;
  return concatHex(["0x02", numberToHex(size(number), { size: 1 }), number]);
}

/** A key as a key service has it: it signs in DER, with s in the higher half. */
function keyService(secret: Hex): Parameters<typeof kmsSigner>[0] {
  const account = privateKeyToAccount(secret);
  return {
    publicKey: async () => hexToBytes(concatHex([head, account.publicKey])),
    async sign(digest) {
      const { r, s } = parseSignature(await account.sign({ hash: toHex(digest) }));
      const numbers = concatHex([der(r), der(numberToHex(order - BigInt(s), { size: 32 }))]);
      return hexToBytes(concatHex(["0x30", numberToHex(size(numbers), { size: 1 }), numbers]));
    },
  };
}

const service = keyService(keccak256("0x01"));
const digest = keccak256("0x02");

test("what it signs is of its address, with s in the lower half", async () => {
  const signer = await kmsSigner(service);
  for (let word = 0; word < 16; word++) {
    const hash = keccak256(numberToHex(word));
    const signature = await signer.sign(hash);
    expect(await recoverAddress({ hash, signature })).toBe(signer.address);
    expect(BigInt(parseSignature(signature).s)).toBeLessThanOrEqual(order / 2n);
  }
});

test("a key of another curve is refused, and so is a signature of another key", async () => {
  const short = { ...service, publicKey: async () => hexToBytes(keccak256("0x03")) };
  expect(await kmsSigner(short).catch(codeOf)).toBe("key_unusable");
  const signer = await kmsSigner({ ...service, sign: keyService(keccak256("0x04")).sign });
  expect(await signer.sign(digest).catch(codeOf)).toBe("key_unusable");
});
