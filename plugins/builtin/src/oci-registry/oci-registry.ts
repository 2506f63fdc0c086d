import type { Digest, ImageRegistry, RegistryAccess } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { attach, attachmentsOf, fallbackTag, putIndex, tryWriting } from "./attachments.ts";
import { registryHops } from "./hops.ts";
import type { Inspected } from "./inspect-image.ts";
import { inspectImage, manifestAt, shortly } from "./inspect-image.ts";
import type { RegistryPatience } from "./registry-connection.ts";
import { readJson, registryConnection } from "./registry-connection.ts";

/** A page of tags; a registry may give fewer. */
const page = 1000;
const mostPages = 100;

/**
 * A registry that speaks the OCI distribution specification 1.1, or Docker's older one. `allowPrivate` is where one on the
 * internet may send to although it is inside.
 */
export function ociRegistry(
  access: RegistryAccess,
  patience?: RegistryPatience,
  allowPrivate?: readonly string[],
): ImageRegistry {
  const connection = registryConnection(access, patience, registryHops(allowPrivate));
  const at = (repository: string): Inspected => ({ connection, repository: sound(repository) });

  async function remove(repository: string, digest: Digest): Promise<boolean> {
    const place = at(repository);
    // First what is beside it: whoever is killed in between finds the rest by it again.
    for (const { digest: beside } of await attachmentsOf(place, digest)) await removeManifest(place, beside);
    const index = await manifestAt(place, fallbackTag(digest));
    if (index !== null) await removeManifest(place, index.descriptor.digest);
    return removeManifest(place, digest);
  }

  return {
    async digestOf(repository, tag) {
      return (await manifestAt(at(repository), tag))?.descriptor.digest ?? null;
    },
    inspect: async (repository, digest, { deep = false } = {}) => inspectImage(at(repository), digest, deep),
    tryWriting: async (repository) => tryWriting(at(repository)),
    tags: async (repository) => tagsOf(at(repository)),
    gather: async (repository, tag, images) => putIndex(at(repository), tag, images),
    attach: async (repository, subject, attachment) => attach(at(repository), subject, attachment),
    attachments: async (repository, digest) => attachmentsOf(at(repository), digest),
    remove,
  };
}

async function removeManifest({ connection, repository }: Inspected, digest: Digest): Promise<boolean> {
  const { status } = await connection.ask({
    method: "DELETE",
    path: `/v2/${repository}/manifests/${digest}`,
    what: `take ${shortly(digest)} away from ${repository}`,
    answers: [404],
  });
  return status !== 404;
}

async function tagsOf({ connection, repository }: Inspected): Promise<readonly string[]> {
  const found: string[] = [];
  const what = `list the tags of ${repository}`;
  let path: string | undefined = `/v2/${repository}/tags/list?n=${page}`;
  for (let pages = 0; path !== undefined && pages < mostPages; pages++) {
    const { status, body, headers } = await connection.ask({ method: "GET", path, what, answers: [404] });
    if (status === 404) return found;
    const { tags } = readJson(body, what) as { readonly tags?: readonly string[] | null };
    found.push(...(tags ?? []));
    path = /<([^>]+)>\s*;\s*rel="?next"?/.exec([headers.link ?? ""].flat().join(","))?.[1];
  }
  return found;
}

/** Goes into a path, so it has no other form than a repository has. Throws `bad_request`. */
function sound(repository: string): string {
  if (/^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/.test(repository)) return repository;
  throw new FairwayError("bad_request", `${JSON.stringify(repository)} cannot be the name of a repository of images`);
}
