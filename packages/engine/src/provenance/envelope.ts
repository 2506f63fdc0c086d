import type { KeyObject } from "node:crypto";
import { sign, verify } from "node:crypto";

/** A signed document, as DSSE 1.0 writes it (github.com/secure-systems-lab/dsse, envelope.md). */
export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Whether what was read is written as an envelope is; what its signatures are worth is another question. */
export function isEnvelope(found: unknown): found is Envelope {
  const { payloadType, payload, signatures } = (found ?? {}) as { readonly [Part in keyof Envelope]?: unknown };
  return isText(payloadType) && isText(payload) && Array.isArray(signatures) && signatures.every(isSignature);
}

function isSignature(one: unknown): boolean {
  const { keyid, sig } = (one ?? {}) as { readonly keyid?: unknown; readonly sig?: unknown };
  return isText(keyid) && isText(sig);
}

const isText = (value: unknown): value is string => typeof value === "string";

/** A key that signs, and the name by which its signatures are found. */
export interface Signer {
  readonly id: string;
  readonly key: KeyObject;
}

/** What an envelope holds, when one of the known keys has signed it. */
export type Opened =
  | { readonly ok: true; readonly payload: Buffer; readonly signedBy: string }
  | { readonly ok: false; readonly reason: string };

/** Signs a document with Ed25519. The same document and key give the same envelope. */
export function seal(payloadType: string, payload: Buffer, { id, key }: Signer): Envelope {
  const sig = sign(null, preAuthEncoding(payloadType, payload), key).toString("base64");
  return { payloadType, payload: payload.toString("base64"), signatures: [{ keyid: id, sig }] };
}

/** Opens an envelope of the expected type with the public keys that are known, by their names. */
export function open(envelope: Envelope, payloadType: string, keys: ReadonlyMap<string, KeyObject>): Opened {
  if (envelope.payloadType !== payloadType)
    return {
      ok: false,
      reason: `it holds ${JSON.stringify(envelope.payloadType)}, not ${JSON.stringify(payloadType)}`,
    };
  const payload = Buffer.from(envelope.payload, "base64");
  const known = envelope.signatures.filter(({ keyid }) => keys.has(keyid));
  if (known.length === 0) {
    const by = envelope.signatures.map(({ keyid }) => keyid).join(", ");
    return {
      ok: false,
      reason: by === "" ? "nobody has signed it" : `it was signed by a key that is not known: ${by}`,
    };
  }
  const message = preAuthEncoding(payloadType, payload);
  for (const { keyid, sig } of known) {
    const key = keys.get(keyid);
    if (key !== undefined && verify(null, message, key, Buffer.from(sig, "base64")))
      return { ok: true, payload, signedBy: keyid };
  }
  return { ok: false, reason: "its signature is not that of its contents" };
}

/** What is signed in the place of the document alone, so that its type cannot be exchanged (DSSE 1.0, protocol.md). */
function preAuthEncoding(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}
