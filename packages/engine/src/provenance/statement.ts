import type { Digest, ReleaseManifest, Revision, RunId, Timestamp } from "@fairway/core";
import type { Json } from "../runs/stage.ts";

/** The media type of an in-toto statement (in-toto attestation framework 1.0, envelope.md). */
export const statementType = "application/vnd.in-toto+json";

/** How a release came to be. */
export interface Making {
  readonly project: string;
  readonly revision: Revision;
  readonly run: RunId;
  readonly requestedBy: string;
  readonly finishedAt: Timestamp;
  readonly version: string;
}

/**
 * What a release is signed as: an in-toto statement 1 whose subjects are the release and each of its artifacts, with a
 * SLSA provenance 1 predicate (slsa.dev/spec/v1.0/provenance).
 */
export function releaseStatement(digest: Digest, manifest: ReleaseManifest, making: Making): Json {
  const { project, revision, run, requestedBy, finishedAt, version } = making;
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [
      { name: project, digest: digestSet(digest) },
      ...Object.entries(manifest.artifacts).map(([service, artifact]) => ({
        name: artifact.kind === "image" ? artifact.image : service,
        digest: digestSet(artifact.digest),
      })),
    ],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "urn:fairway:release:1",
        externalParameters: { ref: revision.ref, requestedBy },
        internalParameters: { manifest: manifest as unknown as Json },
        resolvedDependencies: [{ name: "source", digest: { gitCommit: revision.sha } }],
      },
      runDetails: {
        builder: { id: "urn:fairway:daemon", version: { fairway: version } },
        metadata: { invocationId: run, finishedOn: finishedAt },
      },
    },
  };
}

/** A statement that was read, as far as a release is compared with it. */
export interface ReadStatement {
  readonly release: Digest;
  readonly manifest: ReleaseManifest;
}

/** What a signed statement says of its release; null when it is no statement of ours. */
export function readStatement(payload: Buffer): ReadStatement | null {
  const statement = JSON.parse(payload.toString("utf8")) as {
    readonly subject?: readonly { readonly digest?: { readonly sha256?: string } }[];
    readonly predicate?: {
      readonly buildDefinition?: { readonly internalParameters?: { manifest?: ReleaseManifest } };
    };
  };
  const release = statement.subject?.[0]?.digest?.sha256;
  const manifest = statement.predicate?.buildDefinition?.internalParameters?.manifest;
  return release === undefined || manifest === undefined ? null : { release: `sha256:${release}`, manifest };
}

/** `sha256:…` as in-toto writes it. */
const digestSet = (digest: Digest): { readonly sha256: string } => ({ sha256: digest.slice("sha256:".length) });
