import type { AwsSession } from "../session/aws-session.ts";

/** A key of AWS KMS that signs and is never seen. */
export interface KmsKey {
  /** In DER, as SubjectPublicKeyInfo. */
  publicKey(): Promise<Uint8Array>;
  /** ECDSA over a digest of 32 bytes, in DER. Each answer is another, and all are right. */
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

/**
 * A key by its ARN. Nothing is asked before the first call; `kms:GetPublicKey` and `kms:Sign` must be allowed. Throws
 * `denied`, and `not_allowed_now` where there is no such key.
 */
export function kmsKey(session: Pick<AwsSession, "kms">, arn: string): KmsKey {
  return {
    async publicKey() {
      const { PublicKey: key } = await (await session.kms()).getPublicKey({ KeyId: arn });
      return key ?? new Uint8Array();
    },
    async sign(digest) {
      const { Signature: signature } = await (
        await session.kms()
      ).sign({ KeyId: arn, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" });
      return signature ?? new Uint8Array();
    },
  };
}
