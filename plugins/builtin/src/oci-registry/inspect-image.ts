import { createHash } from "node:crypto";
import type { Descriptor, Digest, ImageState } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { RegistryConnection } from "./registry-connection.ts";
import type { StoredManifest } from "./stored-manifest.ts";
import { acceptManifests, readManifest } from "./stored-manifest.ts";

/** Where an image is looked at. */
export interface Inspected {
  readonly connection: RegistryConnection;
  /** Without the host. */
  readonly repository: string;
}

/** The manifest of a tag or digest as the registry has it; null when it has none. Its bytes are not compared with anything. */
export async function manifestAt(
  { connection, repository }: Inspected,
  reference: string,
): Promise<StoredManifest | null> {
  const what = `read the manifest ${shortly(reference)} of ${repository}`;
  const { status, headers, body } = await connection.ask({
    method: "GET",
    path: `/v2/${repository}/manifests/${reference}`,
    what,
    headers: { accept: acceptManifests },
    answers: [404],
  });
  return status === 404 ? null : readManifest(body, headers["content-type"], what);
}

/** Looks at an image and all that it is made of. */
export async function inspectImage(place: Inspected, digest: Digest, deep: boolean): Promise<ImageState> {
  let manifest: StoredManifest | null;
  try {
    manifest = await manifestAt(place, digest);
  } catch (thrown) {
    if (codeOf(thrown) !== "artifact_damaged") throw thrown;
    return { kind: "damaged", problems: [messageOf(thrown)] };
  }
  if (manifest === null) return { kind: "gone" };
  const { descriptor, configuration, layers, manifests } = manifest;
  if (descriptor.digest !== digest)
    return {
      kind: "damaged",
      problems: [`the manifest ${digest} has other bytes: their digest is ${descriptor.digest}`],
    };
  const blobs =
    configuration === null
      ? []
      : [{ name: "configuration", blob: configuration }, ...layers.map((blob) => ({ name: "layer", blob }))];
  const [ofBlobs, ofPlatforms] = await Promise.all([
    Promise.all(blobs.map(async ({ name, blob }) => problemOf(place, name, blob, deep))),
    Promise.all(manifests.map(async (one) => problemsOfPlatform(await inspectImage(place, one.digest, deep), one))),
  ]);
  const problems = [...ofBlobs.flatMap((problem) => problem ?? []), ...ofPlatforms.flat()];
  if (problems.length > 0) return { kind: "damaged", problems };
  const size = [...blobs.map(({ blob }) => blob), ...manifests].reduce(
    (total, { size: bytes }) => total + bytes,
    descriptor.size,
  );
  return { kind: "whole", manifest: descriptor, configuration: configuration?.digest ?? null, size };
}

function problemsOfPlatform(state: ImageState, { digest, platform }: Descriptor): readonly string[] {
  const name = platform === undefined ? digest : `${digest} for ${platform.os}/${platform.architecture}`;
  switch (state.kind) {
    case "whole":
      return [];
    case "gone":
      return [`the manifest ${name} is gone`];
    case "damaged":
      return state.problems;
  }
}

/** What is wrong with one blob, as a sentence; null when nothing is. */
async function problemOf(place: Inspected, name: string, blob: Descriptor, deep: boolean): Promise<string | null> {
  // Layers that licences keep out of registries are somewhere else on purpose.
  if (/nondistributable|foreign/.test(blob.mediaType)) return null;
  return deep ? problemInBytes(place, name, blob) : problemInSize(place, name, blob);
}

async function problemInSize(
  { connection, repository }: Inspected,
  name: string,
  { digest, size }: Descriptor,
): Promise<string | null> {
  const { status, headers } = await connection.ask({
    method: "HEAD",
    path: `/v2/${repository}/blobs/${digest}`,
    what: `look at the ${name} ${shortly(digest)} of ${repository}`,
    answers: [404],
  });
  if (status === 404) return `the ${name} ${digest} is gone`;
  const found = headers["content-length"];
  return found === undefined || Number(found) === size ? null : otherSize(name, digest, Number(found), size);
}

async function problemInBytes(
  { connection, repository }: Inspected,
  name: string,
  { digest, size }: Descriptor,
): Promise<string | null> {
  const hash = createHash("sha256");
  let bytes = 0;
  const { status } = await connection.read(
    {
      method: "GET",
      path: `/v2/${repository}/blobs/${digest}`,
      what: `read the ${name} ${shortly(digest)} of ${repository}`,
      answers: [404],
    },
    (piece) => {
      hash.update(piece);
      bytes += piece.byteLength;
    },
  );
  if (status === 404) return `the ${name} ${digest} is gone`;
  const found = `sha256:${hash.digest("hex")}`;
  if (bytes !== size) return otherSize(name, digest, bytes, size);
  return found === digest ? null : `the ${name} ${digest} has other bytes: their digest is ${found}`;
}

const otherSize = (name: string, digest: Digest, found: number, size: number): string =>
  `the ${name} ${digest} has ${found} bytes, and its manifest says ${size}`;

/** A digest as people read it; a tag stays as it is. */
export const shortly = (reference: string): string =>
  reference.startsWith("sha256:") ? reference.slice(0, "sha256:".length + 12) : reference;
