import type { ScryptOptions } from "node:crypto";
import { createDecipheriv, pbkdf2, scrypt, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { FairwayError } from "@fairway/core";
import type { Hex } from "viem";
import { concat, keccak256 } from "viem";
import { privateKeyToAccount, sign } from "viem/accounts";
import { z } from "zod";
import type { ChainSigner } from "./chain-signer.ts";

const bytes = z.string().regex(/^(?:0x)?(?:[0-9a-f]{2})+$/iu);
const form = z.object({
  version: z.literal(3),
  crypto: z.object({
    cipher: z.literal("aes-128-ctr"),
    ciphertext: bytes,
    cipherparams: z.object({ iv: bytes }),
    mac: bytes,
    kdf: z.enum(["scrypt", "pbkdf2"]),
    kdfparams: z.object({
      salt: bytes,
      dklen: z.literal(32),
      n: z
        .number()
        .int()
        .max(2 ** 20)
        .optional(),
      r: z.number().int().max(16).optional(),
      p: z.number().int().max(16).optional(),
      c: z.number().int().max(10_000_000).optional(),
    }),
  }),
});

/**
 * Opens a keystore file, as `cast wallet import` and geth write them. Throws `key_unusable` where there is none, it is of
 * another form, or the password is wrong.
 * https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage
 */
export async function keystoreSigner(file: string, password: string): Promise<ChainSigner> {
  const refuse = (why: string): FairwayError => new FairwayError("key_unusable", `the keystore ${file} ${why}`);
  const text = await readFile(file, "utf8").catch(() => {
    throw refuse("cannot be read");
  });
  const read = form.safeParse(jsonOf(text));
  if (!read.success) throw refuse("is no keystore of version 3 with aes-128-ctr");
  const { kdf, kdfparams, ciphertext, cipherparams, mac } = read.data.crypto;
  const salt = bufferOf(kdfparams.salt);
  const { n = 262_144, r = 8, p = 1, c = 262_144 } = kdfparams;
  const derived =
    kdf === "scrypt"
      ? await scryptOf(password, salt, 32, { N: n, r, p, maxmem: 256 * n * r })
      : await promisify(pbkdf2)(password, salt, c, 32, "sha256");
  const sealed = bufferOf(ciphertext);
  const own = keccak256(concat([derived.subarray(16, 32), sealed]), "bytes");
  const given = bufferOf(mac);
  if (own.length !== given.length || !timingSafeEqual(own, given)) throw refuse("does not open with this password");
  const decipher = createDecipheriv("aes-128-ctr", derived.subarray(0, 16), bufferOf(cipherparams.iv));
  const key: Hex = `0x${Buffer.concat([decipher.update(sealed), decipher.final()]).toString("hex")}`;
  const { address } = privateKeyToAccount(key);
  return { address, sign: (hash) => sign({ hash, privateKey: key, to: "hex" }) };
}

/** Takes a second, on purpose: on another thread than the daemon's. */
const scryptOf = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

const bufferOf = (hex: string): Buffer => Buffer.from(hex.replace(/^0x/u, ""), "hex");

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text.toLowerCase()) as unknown;
  } catch {
    return null;
  }
};
