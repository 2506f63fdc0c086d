import { createHash, verify } from "node:crypto";
import { KMS } from "@aws-sdk/client-kms";
import { codeOf } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { openAws } from "../open-aws.ts";

describe.skipIf(!needs("moto"))("a key of KMS", () => {
  let double: AwsDouble;
  let kms: KMS;
  beforeAll(async () => {
    double = await awsDouble();
    kms = new KMS({ region });
  }, 120_000);
  afterAll(async () => {
    kms?.destroy();
    await double?.close();
  });

  test("of the curve of Ethereum signs digests, and its point can be read", async () => {
    const { KeyMetadata: made } = await kms.createKey({ KeySpec: "ECC_SECG_P256K1", KeyUsage: "SIGN_VERIFY" });
    const arn = made?.Arn ?? "";
    const key = openAws().kmsKey({ key: arn, region });
    const point = await key.publicKey();
    expect([point.length, point.at(-65)]).toEqual([88, 4]);
    const digest = createHash("sha256").update("a transaction").digest();
    const signature = await key.sign(digest);
    expect(signature[0]).toBe(0x30);
    const { SignatureValid: isValid } = await kms.verify({
      ...{ KeyId: arn, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" },
      Signature: signature,
    });
    expect(isValid).toBe(true);
    // Of the digest as it is, and not of its own digest once more.
    const publicKey = { key: Buffer.from(point), format: "der", type: "spki" } as const;
    expect(verify("sha256", Buffer.from("a transaction"), publicKey, signature)).toBe(true);
  });

  test("of another account is refused, and so is one that is not there", async () => {
    const of = (account: string): string => `arn:aws:kms:${region}:${account}:key/00000000-0000-4000-8000-000000000000`;
    const aws = openAws();
    expect(
      await aws
        .kmsKey({ key: of("999999999999"), region })
        .publicKey()
        .catch(codeOf),
    ).toBe("denied");
    expect(
      await aws
        .kmsKey({ key: of("123456789012"), region })
        .publicKey()
        .catch(codeOf),
    ).toBe("not_allowed_now");
  });
});
