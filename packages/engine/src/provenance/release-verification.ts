import type { KeylessSigner, Release } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import type { ImageVerificationParts } from "../images/image-verification.ts";
import { verifyImage } from "../images/image-verification.ts";
import { envelopeOf } from "../store/releases.ts";
import { keylessProofOf } from "../store/keyless-proofs.ts";
import { byId, knownKeys } from "../store/signing-keys.ts";
import type { Sql } from "../store/store.ts";
import { keylessFindings } from "./keyless-findings.ts";
import type { ReleaseFinding } from "./verify-release.ts";
import { verifyRelease } from "./verify-release.ts";

/**
 * Looks at whether a release is what was signed here. Changes nothing. Of some services alone, as before a deployment,
 * images are looked at by manifest and sizes, and a registry that is away throws; of the whole every byte is read, and what
 * cannot be reached is noted.
 */
export type ReleaseVerification = (
  release: Release,
  services?: readonly string[],
) => Promise<readonly ReleaseFinding[]>;

/** Verification by the keys and envelopes of this database, against the artifacts of this data directory and its registries. */
export function releaseVerification(
  sql: Sql,
  { artifacts }: DataDirectory,
  images: ImageVerificationParts,
  signer: KeylessSigner | undefined,
): ReleaseVerification {
  return async (release, services) => {
    const [keys, envelope, proof] = await Promise.all([
      knownKeys(sql),
      envelopeOf(sql, release.id),
      keylessProofOf(sql, release.id),
    ]);
    const look = { deep: services === undefined };
    const findings = await verifyRelease(
      {
        artifacts,
        keys: byId(keys),
        verifyImage: (part) => verifyImage(images, release.project.registry, part, look),
      },
      release,
      envelope,
      services,
    );
    return [...findings, ...(await keylessFindings(signer, release, proof))];
  };
}
