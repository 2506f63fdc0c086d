import { createHash } from "node:crypto";
import type { Descriptor, Digest } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { readJson } from "./registry-connection.ts";

/** Media types by which images are known (OCI image specification 1.1, media-types.md; Docker's manifest schema 2). */
export const mediaTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  empty: "application/vnd.oci.empty.v1+json",
} as const;

/** What a registry is asked for when a manifest is: without it Docker's answers in a form of 2014. */
export const acceptManifests: string = [
  mediaTypes.manifest,
  mediaTypes.index,
  mediaTypes.dockerManifest,
  mediaTypes.dockerIndex,
].join(", ");

/** A manifest as it was read: its own digest, and what it names. */
export interface StoredManifest {
  readonly descriptor: Descriptor;
  readonly configuration: Descriptor | null;
  readonly layers: readonly Descriptor[];
  /** Of an index. */
  readonly manifests: readonly Descriptor[];
}

export const digestOfBytes = (bytes: Uint8Array): Digest =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Reads a manifest. Throws `artifact_damaged` for what is none. */
export function readManifest(body: Buffer, contentType: string | undefined, what: string): StoredManifest {
  const read = readJson(body, what);
  const bad = (): FairwayError =>
    new FairwayError("artifact_damaged", `could not ${what}: the answer is no manifest of an image`);
  if (typeof read !== "object" || read === null) throw bad();
  const { mediaType, config, layers, manifests, artifactType } = read as Readonly<Record<string, unknown>>;
  const descriptors = (value: unknown): readonly Descriptor[] => {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value) || !value.every(isDescriptor)) throw bad();
    return value;
  };
  if (config !== undefined && !isDescriptor(config)) throw bad();
  if (config === undefined && manifests === undefined) throw bad();
  const type = typeof mediaType === "string" ? mediaType : (contentType ?? mediaTypes.manifest).split(";")[0]?.trim();
  return {
    descriptor: {
      mediaType: type ?? mediaTypes.manifest,
      digest: digestOfBytes(body),
      size: body.byteLength,
      ...(typeof artifactType === "string" ? { artifactType } : {}),
    },
    configuration: config ?? null,
    layers: descriptors(layers),
    manifests: descriptors(manifests),
  };
}

function isDescriptor(value: unknown): value is Descriptor {
  if (typeof value !== "object" || value === null) return false;
  const { digest, size, mediaType } = value as Partial<Record<keyof Descriptor, unknown>>;
  return (
    typeof digest === "string" &&
    /^sha256:[0-9a-f]{64}$/.test(digest) &&
    typeof size === "number" &&
    typeof mediaType === "string"
  );
}
