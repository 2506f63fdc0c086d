import type { KeyObject } from "node:crypto";
import type { Release, ReleasePart } from "@fairway/core";
import { codeOf, manifestOf, messageOf, releaseContents } from "@fairway/core";
import { verifyArtifact } from "../artifacts/verify-artifact.ts";
import { digestOf } from "../digest.ts";
import type { Envelope } from "./envelope.ts";
import { open } from "./envelope.ts";
import { readStatement, statementType } from "./statement.ts";

/** One thing that was looked at. */
export interface ReleaseFinding {
  /** `signature`, `sigstore`, `manifest`, or `artifact of <service>`. */
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  /** Set where nothing is wrong, and somebody should know all the same. */
  readonly note?: true;
}

export interface VerifyParts {
  /** Where artifacts are kept. */
  readonly artifacts: string;
  /** The public keys that are trusted, by their names. */
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** Looks at a part that is an image where it is kept; absent where that is nobody's to ask. */
  readonly verifyImage?: (part: ReleasePart) => Promise<Answer>;
}

/**
 * Looks at whether a release is what was signed: its statement, its manifest, and every byte of its artifacts; of those
 * only the services that are named, when some are. Needs no network for artifacts that are files.
 */
export async function verifyRelease(
  parts: VerifyParts,
  release: Release,
  envelope: Envelope | null,
  services?: readonly string[],
): Promise<readonly ReleaseFinding[]> {
  const wanted = release.parts.filter(({ service }) => services === undefined || services.includes(service));
  const artifacts: ReleaseFinding[] = [];
  // One after another: each reads with all the disk there is.
  for (const part of wanted)
    artifacts.push({ what: `artifact of ${part.service}`, ...(await verifyPart(parts, part)) });
  return [signatureFinding(parts, release, envelope), manifestFinding(release), ...artifacts];
}

type Answer = Omit<ReleaseFinding, "what">;

function signatureFinding({ keys }: VerifyParts, release: Release, envelope: Envelope | null): ReleaseFinding {
  const no = (detail: string): ReleaseFinding => ({ what: "signature", ok: false, detail });
  if (envelope === null)
    return release.manifest === undefined
      ? { what: "signature", ok: true, detail: "none: it is from before releases were signed" }
      : no("the signed statement is gone");
  const opened = open(envelope, statementType, keys);
  if (!opened.ok) return no(opened.reason);
  const contrary = contradiction(opened.payload, release);
  if (contrary !== null) return no(contrary);
  return { what: "signature", ok: true, detail: `by ${opened.signedBy}` };
}

/** What a signed statement says else than its release; null when it says the same. */
export function contradiction(payload: Buffer, release: Release): string | null {
  const said = readStatement(payload);
  if (said === null) return "what was signed is no statement about a release";
  if (said.release !== release.digest) return `what was signed is ${said.release}, not ${release.digest}`;
  return digestOf(said.manifest) === release.digest ? null : "the manifest that was signed has another digest";
}

/** Computed anew from what the release itself says, so that a changed row is found. */
function manifestFinding(release: Release): ReleaseFinding {
  const { manifest } = release;
  const contents =
    manifest === undefined ? releaseContents(release) : manifestOf(release, manifest.secrets, digestOf, manifest.flags);
  const found = digestOf(contents);
  return found === release.digest
    ? { what: "manifest", ok: true, detail: release.digest }
    : { what: "manifest", ok: false, detail: `what the release says of itself has the digest ${found}` };
}

async function verifyPart({ artifacts, verifyImage }: VerifyParts, part: ReleasePart): Promise<Answer> {
  const { artifact: digest, image } = part;
  if (image !== undefined) {
    const unseen: Answer = { ok: true, note: true, detail: `${image}@${digest} was not looked at` };
    return verifyImage === undefined ? unseen : verifyImage(part);
  }
  try {
    await verifyArtifact(digest, artifacts);
    return { ok: true, detail: digest };
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code !== "artifact_damaged" && code !== "not_found") throw thrown;
    return { ok: false, detail: messageOf(thrown) };
  }
}

/** What nothing is wrong with and somebody should know, as sentences. */
export const notes = (findings: readonly ReleaseFinding[]): readonly string[] =>
  findings.filter(({ note }) => note === true).map(({ what, detail }) => `${what}: ${detail}`);

/** The findings that say no, as sentences. */
export const refusals = (release: Release, findings: readonly ReleaseFinding[]): readonly string[] =>
  findings
    .filter(({ ok }) => !ok)
    .map(({ what, detail }) => `${release.id} is not what was signed: ${what}: ${detail}`);
