import type { KeylessSigner } from "@fairway/core";

/**
 * A keyless signer whose signatures are the documents again: a token is the subject that it names, and a trusted root the
 * one text that this signer trusts. For what is done with signatures; that they hold is what the real one's tests show.
 */
export const memoryKeylessSigner = (trusted: string, issuer: string): KeylessSigner => ({
  sign: (type, payload, { token }) =>
    Promise.resolve(JSON.stringify({ type, payload, subject: token, signature: payload })),
  open: (bundle, type, trustedRoot, identity) => {
    const read = JSON.parse(bundle) as Readonly<Record<"type" | "payload" | "subject" | "signature", string>>;
    const reason =
      trustedRoot !== trusted
        ? "its authority is not trusted"
        : read.signature !== read.payload || read.type !== type
          ? "its signature is not that of its contents"
          : identity.issuer !== issuer || identity.subject !== read.subject
            ? `it was signed by ${read.subject} of ${issuer}, not by ${identity.subject} of ${identity.issuer}`
            : null;
    const signedBy = `${read.subject} of ${issuer}`;
    return Promise.resolve(reason === null ? { ok: true, payload: read.payload, signedBy } : { ok: false, reason });
  },
});
