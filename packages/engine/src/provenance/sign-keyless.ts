import { readFile } from "node:fs/promises";
import type { KeylessSigner, ProjectSigstore, SecretSource } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { SignedRelease } from "../stages/releases.ts";
import { buildSecrets } from "../stages/service-command.ts";
import { valuesOf } from "../stages/step-command.ts";
import { statementType } from "./statement.ts";

/** Where the identity token is when the configuration names no secret; cosign reads it there too. */
const tokenVariable = "SIGSTORE_ID_TOKEN";

export interface KeylessParts {
  /** Absent where no plugin signs so. */
  readonly signer: KeylessSigner | undefined;
  readonly secrets: SecretSource;
}

/**
 * Has the statement of a release signed by who somebody is as well, where its project asks for that, and looks at the answer
 * as whoever verifies it will: a release that could never be deployed is not made. May be repeated.
 */
export async function signKeyless({ signer, secrets }: KeylessParts, signed: SignedRelease): Promise<SignedRelease> {
  const sigstore = signed.release.project.provenance?.sigstore;
  if (sigstore === undefined) return signed;
  if (signer === undefined) throw new FairwayError("signing_refused", "nothing here signs releases with Sigstore");
  const trustedRoot = await readFile(sigstore.trustedRoot, "utf8").catch((thrown: unknown) => {
    throw new FairwayError("signing_refused", `could not read the trusted root of Sigstore: ${messageOf(thrown)}`, {
      hint: "Look at `provenance.sigstore.trustedRoot`: it is a path on the daemon's machine.",
      cause: thrown,
    });
  });
  const payload = Buffer.from(signed.envelope.payload, "base64").toString("utf8");
  const { fulcio, rekor, identity } = sigstore;
  const access = { fulcio, rekor, token: await tokenOf(sigstore, secrets) };
  const bundle = await signer.sign(statementType, payload, access);
  const opened = await signer.open(bundle, statementType, trustedRoot, identity);
  if (!opened.ok)
    throw new FairwayError("signing_refused", `what Sigstore signed would not be verified: ${opened.reason}`, {
      hint: "Look whether `provenance.sigstore.identity` is whom the token names, and `trustedRoot` that of these services.",
    });
  return { ...signed, keyless: { bundle, trustedRoot } };
}

async function tokenOf({ token }: ProjectSigstore, secrets: SecretSource): Promise<string> {
  if (token !== undefined) return (await valuesOf(secrets, buildSecrets, { token }))["token"] ?? "";
  const found = process.env[tokenVariable];
  if (found === undefined || found === "")
    throw new FairwayError("secret_missing", `there is no identity token to sign with: ${tokenVariable} is not set`, {
      hint: "Set it for the daemon, or name a secret with `provenance.sigstore.token`.",
    });
  return found;
}
