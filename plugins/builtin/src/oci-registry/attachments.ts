import type { Attachment, Descriptor, Digest } from "@fairway/core";
import type { Inspected } from "./inspect-image.ts";
import { shortly } from "./inspect-image.ts";
import { digestOfBytes, mediaTypes, readManifest } from "./stored-manifest.ts";

const emptyConfiguration = Buffer.from("{}");

/**
 * Keeps a document beside an image: a manifest whose `subject` is the image (distribution specification 1.1, referrers).
 * Registries from before that know no subjects; for them it is written into the index under the tag `sha256-<hex>`, as the
 * specification says. May be repeated.
 */
export async function attach(
  place: Inspected,
  subject: Descriptor,
  { type, body, annotations }: Attachment,
): Promise<Digest> {
  const layer = Buffer.from(body);
  const [config, kept] = [descriptorOf(mediaTypes.empty, emptyConfiguration), descriptorOf(type, layer)];
  await Promise.all([putBlob(place, emptyConfiguration), putBlob(place, layer)]);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType: type,
      config,
      layers: [kept],
      subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
      annotations,
    }),
  );
  const own = descriptorOf(mediaTypes.manifest, manifest);
  const { headers } = await putManifest(place, own.digest, mediaTypes.manifest, manifest);
  if (headers["oci-subject"] === undefined)
    await addToIndex(place, subject.digest, { ...own, artifactType: type, annotations });
  return own.digest;
}

/** What is kept beside an image: as the registry itself says, and as the index of one that cannot say does. */
export async function attachmentsOf(place: Inspected, digest: Digest): Promise<readonly Descriptor[]> {
  const { connection, repository } = place;
  const what = `ask what is kept beside ${shortly(digest)} of ${repository}`;
  const { status, body, headers } = await connection.ask({
    method: "GET",
    path: `/v2/${repository}/referrers/${digest}`,
    what,
    headers: { accept: mediaTypes.index },
    answers: [400, 404, 405],
  });
  if (status !== 200) return indexOf(place, digest);
  return readManifest(body, headers["content-type"], what).manifests;
}

/** The tag under which attachments are found at a registry that knows no subjects. */
export const fallbackTag = (digest: Digest): string => digest.replace(":", "-");

async function indexOf({ connection, repository }: Inspected, digest: Digest): Promise<readonly Descriptor[]> {
  const what = `read what is kept beside ${shortly(digest)} of ${repository}`;
  const { status, body, headers } = await connection.ask({
    method: "GET",
    path: `/v2/${repository}/manifests/${fallbackTag(digest)}`,
    what,
    headers: { accept: mediaTypes.index },
    answers: [404],
  });
  return status === 404 ? [] : readManifest(body, headers["content-type"], what).manifests;
}

async function addToIndex(place: Inspected, subject: Digest, added: Descriptor): Promise<void> {
  const there = await indexOf(place, subject);
  if (there.some(({ digest }) => digest === added.digest)) return;
  await putIndex(place, fallbackTag(subject), [...there, added]);
}

/** Writes an index under a tag, and answers with its digest. */
export async function putIndex(place: Inspected, tag: string, manifests: readonly Descriptor[]): Promise<Digest> {
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
  await putManifest(place, tag, mediaTypes.index, index);
  return digestOfBytes(index);
}

const putManifest = ({ connection, repository }: Inspected, reference: string, type: string, body: Uint8Array) =>
  connection.ask({
    method: "PUT",
    path: `/v2/${repository}/manifests/${reference}`,
    what: `write the manifest ${shortly(reference)} of ${repository}`,
    headers: { "content-type": type },
    body,
  });

async function putBlob({ connection, repository }: Inspected, body: Uint8Array): Promise<void> {
  const digest = digestOfBytes(body);
  const what = `send ${shortly(digest)} to ${repository}`;
  const there = await connection.ask({
    method: "HEAD",
    path: `/v2/${repository}/blobs/${digest}`,
    what,
    answers: [404],
  });
  if (there.status !== 404) return;
  const begun = await connection.ask({
    method: "POST",
    path: `/v2/${repository}/blobs/uploads/`,
    what,
    body: new Uint8Array(),
  });
  const to = new URL(begun.headers.location ?? "", "http://registry.invalid");
  to.searchParams.set("digest", digest);
  await connection.ask({
    method: "PUT",
    path: to.origin === "http://registry.invalid" ? `${to.pathname}${to.search}` : to.href,
    what,
    headers: { "content-type": "application/octet-stream" },
    body,
  });
}

/** Begins to send something, and thinks better of it. */
export async function tryWriting({ connection, repository }: Inspected): Promise<void> {
  const what = `send anything to ${repository}`;
  const path = `/v2/${repository}/blobs/uploads/`;
  const { headers } = await connection.ask({ method: "POST", path, what, body: new Uint8Array() });
  // Some registries have no way back; what was begun goes by itself there.
  if (headers.location !== undefined)
    await connection.ask({ method: "DELETE", path: headers.location, what, answers: [400, 404, 405] });
}

const descriptorOf = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  digest: digestOfBytes(bytes),
  size: bytes.byteLength,
});
