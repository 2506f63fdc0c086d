import type { Digest, Project, ReleasePart } from "@fairway/core";
import { FairwayError, isInRegistry } from "@fairway/core";
import type { Envelope } from "../provenance/envelope.ts";
import type { KeylessProof } from "../provenance/keyless-proof.ts";
import type { RegistryParts } from "./registry-access.ts";
import { openedImage } from "./registry-access.ts";

/** Media types of what is kept beside an image. */
export const sbomType = "application/vnd.cyclonedx+json";
export const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
export const provenanceType = "application/vnd.dsse.envelope.v1+json";

/** What is needed to keep the proofs of a release beside its images. */
export interface ProofParts extends RegistryParts {
  readonly documentOf: (digest: Digest) => Promise<string>;
}

/**
 * Keeps beside each image that a release has built what it is made of and how it came to be, where whoever pulls it finds
 * them. An image that was taken over has them from the release that built it. May be repeated.
 */
export async function attachProofs(
  parts: ProofParts,
  { project, parts: made }: { readonly project: Project; readonly parts: readonly ReleasePart[] },
  { envelope, keyless }: { readonly envelope: Envelope; readonly keyless?: KeylessProof | undefined },
): Promise<void> {
  const { registry } = project;
  const pushed = made.filter(
    ({ image, takenFrom }) => takenFrom === null && image !== undefined && isInRegistry(registry, image),
  );
  if (registry === undefined) return;
  await Promise.all(
    pushed.map(async ({ service, image = "", artifact, sbom }) => {
      const opened = await openedImage(parts, registry, image);
      const state = await opened.registry.inspect(opened.repository, artifact);
      if (state.kind !== "whole")
        throw new FairwayError("artifact_damaged", `${image}@${artifact} was pushed and is not whole any more`, {
          retryable: true,
        });
      const annotations = { "org.opencontainers.image.title": service };
      const keep = (type: string, body: string, more = {}): Promise<Digest> =>
        opened.registry.attach(opened.repository, state.manifest, {
          type,
          body,
          annotations: { ...annotations, ...more },
        });
      // One after the other: a registry without referrers has one list of them, which each of these writes.
      if (sbom !== undefined) await keep(sbomType, await parts.documentOf(sbom));
      await keep(provenanceType, JSON.stringify(envelope), {
        "in-toto.io/predicate-type": "https://slsa.dev/provenance/v1",
      });
      // As cosign writes it, which finds it by these (github.com/sigstore/cosign, specs/BUNDLE_SPEC.md).
      if (keyless !== undefined)
        await keep(bundleType, keyless.bundle, {
          "dev.sigstore.bundle.content": "dsse-envelope",
          "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1",
        });
    }),
  );
}
