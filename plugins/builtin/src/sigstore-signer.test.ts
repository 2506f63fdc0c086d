import { createHash, generateKeyPairSync, sign as signature } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { KeylessAccess } from "@fairway/core";
import { fulcioHandler, initializeCA, initializeTLog, rekorHandler } from "@sigstore/mock";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sigstoreSigner } from "./sigstore-signer.ts";

const type = "application/vnd.in-toto+json";
const statement = JSON.stringify({ _type: "https://in-toto.io/Statement/v1", subject: [{ name: "shop" }] });
const identity = { issuer: "https://issuer.example.com", subject: "https://shop.example.com/release" };
const jwt = (claims: object): string =>
  ["{}", JSON.stringify(claims), "signature"].map((part) => Buffer.from(part).toString("base64url")).join(".");
const token = jwt({ iss: identity.issuer, sub: identity.subject });

let server: Server;
let access: KeylessAccess & { readonly fulcio: string };
let trustedRoot: string;
/** What is answered in the place of the services. */
let trouble: ((request: IncomingMessage, response: ServerResponse) => boolean) | null = null;
const asked: string[] = [];

beforeAll(async () => {
  const [authorityKey, logKey] = [keyPair(), keyPair()];
  const certificates = certificateLog(authorityKey);
  const authority = await initializeCA(authorityKey, certificates);
  const log = await initializeTLog("https://rekor.example.com", logKey);
  const services = [fulcioHandler(authority), rekorHandler({ ...log, log: (entry) => log.log(asRekorWrites(entry)) })];
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (trouble?.(request, response) === true) return;
    const service = services.find(({ path }) => path === request.url);
    void text(request)
      .then((body) => service?.fn(body))
      .then((answer) => {
        response.writeHead(answer?.statusCode ?? 404, { "content-type": answer?.contentType ?? "text/plain" });
        response.end(answer?.response);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  access = { fulcio: url, rekor: url, token };
  trustedRoot = JSON.stringify({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    certificateAuthorities: [
      { certChain: { certificates: [{ rawBytes: authority.rootCertificate.toString("base64") }] }, validFor },
    ],
    tlogs: [logOf("https://rekor.example.com", log.publicKey)],
    ctlogs: [logOf("https://certificates.example.com", certificates.publicKey)],
    timestampAuthorities: [],
  });
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

type KeyPair = Parameters<typeof initializeCA>[0];
const validFor = { start: "2020-01-01T00:00:00Z" };
const keyPair = (): KeyPair => generateKeyPairSync("ec", { namedCurve: "P-256" });
const logOf = (baseUrl: string, publicKey: Buffer): object => ({
  baseUrl,
  hashAlgorithm: "SHA2_256",
  publicKey: { rawBytes: publicKey.toString("base64"), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor },
  logId: { keyId: createHash("sha256").update(publicKey).digest("base64") },
});

/**
 * A log of certificates as RFC 6962 has it (sections 3.2 and 3.3): the mock's own leaves out the signature with the pkijs of
 * today.
 */
function certificateLog({ publicKey, privateKey }: KeyPair): NonNullable<Parameters<typeof initializeCA>[1]> {
  const key = publicKey.export({ format: "der", type: "spki" });
  const logID = createHash("sha256").update(key).digest();
  const uint = (value: number, bytes: number): Buffer => {
    const written = Buffer.alloc(8);
    written.writeBigUInt64BE(BigInt(value));
    return written.subarray(8 - bytes);
  };
  return {
    publicKey: key,
    logID,
    log: async (certificate, issuer) => {
      // Both lengths take two bytes in any certificate of this size.
      const toBeSigned = Buffer.from(certificate).subarray(4);
      const precertificate = toBeSigned.subarray(0, 4 + toBeSigned.readUInt16BE(2));
      const time = uint(Date.now(), 8);
      const entry = [uint(1, 2), Buffer.from(issuer), uint(precertificate.length, 3), precertificate, uint(0, 2)];
      const signed = signature("sha256", Buffer.concat([uint(0, 2), time, ...entry]), privateKey);
      const algorithm = [uint(4, 1), uint(3, 1), uint(signed.length, 2), signed];
      const timestamp = Buffer.concat([uint(0, 1), logID, time, uint(0, 2), ...algorithm]);
      return new Uint8Array(Buffer.concat([uint(timestamp.length, 2), timestamp])).buffer;
    },
  };
}

/** Rekor keeps of a proposed entry the hashes and the signatures; the mock keeps what it is sent. */
function asRekorWrites(proposed: object): object {
  const { spec, ...rest } = proposed as {
    spec: { proposedContent: { envelope: string; verifiers: readonly string[] } };
  };
  const { envelope, verifiers } = spec.proposedContent;
  const { payload, signatures } = JSON.parse(envelope) as { payload: string; signatures: readonly { sig: string }[] };
  const hashOf = (bytes: Buffer): object => ({
    algorithm: "sha256",
    value: createHash("sha256").update(bytes).digest("hex"),
  });
  return {
    ...rest,
    spec: {
      envelopeHash: hashOf(Buffer.from(envelope)),
      payloadHash: hashOf(Buffer.from(payload, "base64")),
      signatures: signatures.map(({ sig }) => ({ signature: sig, verifier: verifiers[0] })),
    },
  };
}

const sign = (more: Partial<KeylessAccess> = {}): Promise<string> =>
  sigstoreSigner().sign(type, statement, { ...access, ...more });
const open = (
  bundle: string,
  who = identity,
  root = trustedRoot,
): ReturnType<ReturnType<typeof sigstoreSigner>["open"]> => sigstoreSigner().open(bundle, type, root, who);

describe("a bundle", () => {
  test("opens as what was signed, by whom it was signed, and nobody is asked for that", async () => {
    const bundle = await sign();
    const before = asked.length;
    expect(await open(bundle)).toEqual({
      ok: true,
      payload: statement,
      signedBy: "https://shop.example.com/release of https://issuer.example.com",
    });
    expect(asked.length).toBe(before);
    expect(JSON.parse(bundle)).toMatchObject({ mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json" });
  });

  test("by somebody else is refused, also where their name only begins the same or reads as a pattern", async () => {
    const bundle = await sign();
    for (const who of [
      { ...identity, issuer: "https://other.example.com" },
      { ...identity, subject: "https://shop.example.com/" },
      { ...identity, subject: ".*" },
      { ...identity, subject: "https://shop.example.com/release/more" },
    ])
      expect(await open(bundle, who)).toEqual({
        ok: false,
        reason: `it was signed by ${identity.subject} of ${identity.issuer}, not by ${who.subject} of ${who.issuer}`,
      });
  });

  test("of which a byte is another is refused, and the part is named", async () => {
    const bundle = await sign();
    type Read = {
      dsseEnvelope: { payload: string; signatures: { sig: string }[] };
      verificationMaterial: {
        certificate: { rawBytes: string };
        tlogEntries: {
          canonicalizedBody: string;
          integratedTime: string;
          inclusionPromise: { signedEntryTimestamp: string };
          inclusionProof: { checkpoint: { envelope: string } };
        }[];
      };
    };
    const flipped = (base64: string): string => {
      const bytes = Buffer.from(base64, "base64");
      const at = bytes.length - 3;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes.toString("base64");
    };
    const reasonAfter = async (change: (read: Read) => void): Promise<string> => {
      const read = JSON.parse(bundle) as Read;
      change(read);
      const opened = await open(JSON.stringify(read));
      return opened.ok ? "opened" : opened.reason;
    };
    const entryOf = (read: Read): Read["verificationMaterial"]["tlogEntries"][number] => {
      const [entry] = read.verificationMaterial.tlogEntries;
      if (entry === undefined) throw new TypeError("a bundle has an entry");
      return entry;
    };
    const tried: Readonly<Record<string, (read: Read) => void>> = {
      statement: ({ dsseEnvelope }) => (dsseEnvelope.payload = flipped(dsseEnvelope.payload)),
      signature: ({ dsseEnvelope: { signatures } }) => signatures.forEach((one) => (one.sig = flipped(one.sig))),
      certificate: ({ verificationMaterial: { certificate } }) =>
        (certificate.rawBytes = flipped(certificate.rawBytes)),
      entry: (read) => (entryOf(read).canonicalizedBody = flipped(entryOf(read).canonicalizedBody)),
      time: (read) => (entryOf(read).integratedTime = String(Number(entryOf(read).integratedTime) + 1)),
      promise: ({ verificationMaterial: { tlogEntries } }) =>
        tlogEntries.forEach(
          ({ inclusionPromise: one }) => (one.signedEntryTimestamp = flipped(one.signedEntryTimestamp)),
        ),
      proof: (read) => {
        const { checkpoint } = entryOf(read).inclusionProof;
        checkpoint.envelope = checkpoint.envelope.replace("Timestamp: ", "Timestamp: 1");
      },
      "no entry": ({ verificationMaterial }) => (verificationMaterial.tlogEntries = []),
    };
    const said = await Promise.all(
      Object.entries(tried).map(async ([what, change]) => [what, (await reasonAfter(change)).split(":")[0]] as const),
    );
    expect(Object.fromEntries(said)).toEqual({
      statement: "its entry in the log",
      signature: "its entry in the log",
      certificate: "its certificate",
      entry: "its entry in the log",
      time: "its entry in the log",
      promise: "its entry in the log",
      proof: "its entry in the log",
      "no entry": "its time",
    });
    expect(await open("{}")).toMatchObject({ ok: false });
    expect(await open("no bundle")).toMatchObject({ ok: false, reason: expect.stringMatching(/^it is no bundle/u) });
  });

  test("of other authorities is refused, and a root that is none is said to be", async () => {
    const other = await initializeCA(keyPair());
    const root = JSON.parse(trustedRoot) as object;
    const strangers = JSON.stringify({
      ...root,
      certificateAuthorities: [
        { certChain: { certificates: [{ rawBytes: other.rootCertificate.toString("base64") }] }, validFor },
      ],
    });
    expect(await open(await sign(), identity, strangers)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^its certificate: /u),
    });
    for (const none of ["", "{}", "[]"])
      await expect(open(await sign(), identity, none)).rejects.toMatchObject({ code: "signing_refused" });
  });
});

describe("signing", () => {
  const failing = async (
    path: RegExp,
    answer: (response: ServerResponse) => void,
    deadline?: number,
  ): Promise<unknown> => {
    trouble = (request, response) => {
      if (!path.test(request.url ?? "")) return false;
      answer(response);
      return true;
    };
    try {
      return await sigstoreSigner(deadline === undefined ? {} : { deadline })
        .sign(type, statement, access)
        .catch((thrown: unknown) => thrown);
    } finally {
      trouble = null;
    }
  };
  const status = (code: number) => (response: ServerResponse) =>
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify({ message: `no: ${token}` }));

  test.each([
    ["an authority that says no", /signingCert/u, 401, "signing_refused", false, /^Fulcio .*\(401\)/u],
    ["an authority in trouble", /signingCert/u, 503, "signing_unavailable", true, /^Fulcio .*\(503\)/u],
    ["a log that says no", /entries/u, 400, "signing_refused", false, /^Rekor .*\(400\)/u],
    ["a log that is asked too often", /entries/u, 429, "signing_unavailable", true, /^Rekor .*\(429\)/u],
  ])("%s is named, and the token is not", async (_, path, code, expected, retryable, message) => {
    const thrown = await failing(path, status(code));
    expect(thrown).toMatchObject({ code: expected, retryable, message: expect.stringMatching(message) });
    expect(String((thrown as Error).message)).not.toContain(token);
  });

  test("by services that answer nothing, or no JSON, ends", async () => {
    const silent = await failing(/signingCert/u, () => undefined, 200);
    expect(silent).toMatchObject({ code: "signing_unavailable", retryable: true });
    const broken = await failing(/entries/u, (response) => response.writeHead(201).end("<html>"));
    expect(broken).toMatchObject({ code: "signing_unavailable" });
    const gone = await failing(/entries/u, (response) => response.destroy());
    expect(gone).toMatchObject({ code: "signing_unavailable" });
  });

  test("with what is no identity token is refused, and it is not told", async () => {
    for (const wrong of ["hunter2", "a.b.c", jwt({ iss: "x" }), jwt({ email: "a@example.com" })]) {
      const thrown = await sign({ token: wrong }).catch((error: unknown) => error);
      expect(thrown).toMatchObject({ code: "signing_refused" });
      expect(JSON.stringify([thrown, String(thrown)])).not.toContain(wrong);
    }
  });
});
