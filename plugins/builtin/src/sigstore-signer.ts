import type { KeylessAccess, KeylessOpened, KeylessSigner, Millis, SigningIdentity } from "@fairway/core";
import { FairwayError, codeOf, messageOf } from "@fairway/core";
import type { SerializedBundle } from "@sigstore/bundle";
import type { TrustedRoot } from "@sigstore/protobuf-specs";
import { connectionGuard } from "./outgoing/connection-guard.ts";

/** How long one request to the authority or the log may take, the body of its answer included. */
const patience: Millis = 20_000;
const guard = connectionGuard({ origin: "within" });

/**
 * Signs with Sigstore: a key that lives for one signature, Fulcio's certificate for it, and an entry in Rekor, together in a
 * bundle (github.com/sigstore/protobuf-specs, sigstore_bundle.proto). The libraries are read when the first is made or opened.
 */
export const sigstoreSigner = ({ deadline = patience }: { readonly deadline?: Millis } = {}): KeylessSigner => ({
  sign: (type, payload, access) => signBundle(type, payload, access, deadline),
  open: openBundle,
});

async function signBundle(
  type: string,
  payload: string,
  { fulcio, rekor, token }: KeylessAccess,
  timeout: Millis,
): Promise<string> {
  for (const url of [fulcio, rekor]) if (url !== undefined) await mayBeAsked(new URL(url));
  const [{ bundleToJSON }, { DSSEBundleBuilder, FulcioSigner, RekorWitness }] = await Promise.all([
    import("@sigstore/bundle"),
    import("@sigstore/sign"),
  ]);
  const signer = new FulcioSigner({
    ...(fulcio === undefined ? {} : { fulcioBaseURL: fulcio }),
    identityProvider: { getToken: () => Promise.resolve(token) },
    timeout,
  });
  const witness = new RekorWitness({
    ...(rekor === undefined ? {} : { rekorBaseURL: rekor }),
    entryType: "dsse",
    timeout,
  });
  try {
    const bundle = await new DSSEBundleBuilder({ signer, witnesses: [witness] }).create({
      data: Buffer.from(payload),
      type,
    });
    return JSON.stringify(bundleToJSON(bundle));
  } catch (thrown) {
    throw signingTrouble(thrown, token);
  }
}

/** The library connects by itself: its addresses are looked at before. That a name is not known it tells itself. */
async function mayBeAsked(url: URL): Promise<void> {
  guard.check(url);
  await guard.checkHost(url.hostname).catch((thrown: unknown) => {
    if (codeOf(thrown) === "bad_request") throw thrown;
  });
}

/** The library tells a token that it cannot read in its message, so that neither this nor its cause goes any further. */
function signingTrouble(thrown: unknown, token: string): FairwayError {
  const { code, cause } = thrown as { readonly code?: string; readonly cause?: { readonly statusCode?: number } };
  if (code === "IDENTITY_TOKEN_PARSE_ERROR")
    return new FairwayError("signing_refused", "the identity token for Sigstore is no token of OpenID Connect", {
      hint: "`provenance.sigstore.token` names the secret with it, or SIGSTORE_ID_TOKEN of the daemon has it; it names a subject, or an address that its issuer has verified.",
    });
  const who = code === "CA_CREATE_SIGNING_CERTIFICATE_ERROR" ? "Fulcio" : "Rekor";
  const status = cause?.statusCode;
  const why = [messageOf(thrown), status === undefined && cause !== undefined ? messageOf(cause) : ""]
    .filter((part) => part !== "")
    .join(": ")
    .replaceAll(token, "…");
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429)
    return new FairwayError("signing_refused", `${who} did not sign the release: ${why}`, {
      hint:
        who === "Fulcio"
          ? "Identity tokens live for minutes: get a new one, of an issuer that this Fulcio knows, for the audience it expects."
          : "Look whether `provenance.sigstore.rekor` is a log that takes entries of the kind dsse.",
    });
  return new FairwayError("signing_unavailable", `${who} did not sign the release: ${why}`, {
    hint: "Nothing was released. Look whether the daemon reaches it, and try the run again.",
    retryable: true,
  });
}

async function openBundle(
  written: string,
  type: string,
  trustedRoot: string,
  { issuer, subject }: SigningIdentity,
): Promise<KeylessOpened> {
  const [{ bundleFromJSON, isBundleWithDsseEnvelope }, { Verifier, toSignedEntity, toTrustMaterial }] =
    await Promise.all([import("@sigstore/bundle"), import("@sigstore/verify")]);
  const root = await readRoot(trustedRoot);
  // A log of certificates that the root does not name cannot be asked for; every public root names some.
  const verifier = new Verifier(toTrustMaterial(root), { ctlogThreshold: root.ctlogs.length === 0 ? 0 : 1 });
  try {
    const bundle = bundleFromJSON(JSON.parse(written) as SerializedBundle);
    if (!isBundleWithDsseEnvelope(bundle)) return { ok: false, reason: "it holds no signed document" };
    const { payload, payloadType } = bundle.content.dsseEnvelope;
    if (payloadType !== type)
      return { ok: false, reason: `it holds ${JSON.stringify(payloadType)}, not ${JSON.stringify(type)}` };
    const { identity } = verifier.verify(toSignedEntity(bundle));
    const by = { issuer: identity?.extensions?.issuer, subject: identity?.subjectAlternativeName };
    // To the letter: what the library takes for a policy's subject is a pattern that may match anywhere.
    if (by.issuer !== issuer || by.subject !== subject)
      return {
        ok: false,
        reason: `it was signed by ${by.subject ?? "nobody"} of ${by.issuer ?? "no issuer"}, not by ${subject} of ${issuer}`,
      };
    return { ok: true, payload: payload.toString("utf8"), signedBy: `${subject} of ${issuer}` };
  } catch (thrown) {
    // Whatever a bundle makes the verifier throw, it is none that holds.
    return { ok: false, reason: `${partOf(thrown)}: ${messageOf(thrown)}` };
  }
}

/** Which part of a bundle it was that did not hold. */
function partOf(thrown: unknown): string {
  const { code } = thrown as { readonly code?: unknown };
  switch (code) {
    case "CERTIFICATE_ERROR":
    case "PUBLIC_KEY_ERROR":
      return "its certificate";
    case "SIGNATURE_ERROR":
      return "its signature";
    case "TIMESTAMP_ERROR":
      return "its time";
    default:
      return typeof code === "string" && code.startsWith("TLOG_") ? "its entry in the log" : "it is no bundle";
  }
}

async function readRoot(written: string): Promise<TrustedRoot> {
  const { TrustedRoot } = await import("@sigstore/protobuf-specs");
  const no = (why: string, cause?: unknown): FairwayError =>
    new FairwayError("signing_refused", `the trusted root of Sigstore cannot be read: ${why}`, {
      hint: "`provenance.sigstore.trustedRoot` names a file as `cosign trusted-root create` writes it.",
      cause,
    });
  let root: TrustedRoot;
  try {
    root = TrustedRoot.fromJSON(JSON.parse(written));
  } catch (thrown) {
    throw no(messageOf(thrown), thrown);
  }
  if (root.certificateAuthorities.length === 0 || root.tlogs.length === 0) throw no("it names no authority, or no log");
  return root;
}
