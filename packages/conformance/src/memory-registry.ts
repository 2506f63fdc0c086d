import { createHash } from "node:crypto";
import type { Descriptor, Digest, ImageRegistry, OpenRegistry } from "@fairway/core";

/** A registry that is only remembered. */
export interface MemoryRegistry {
  readonly open: OpenRegistry;
  /** Pushes an image of these bytes under a tag. */
  put(repository: string, tag: string, contents?: string): Digest;
  /** What is there, as `repository@digest`, in order. */
  images(): readonly string[];
}

const mediaType = "application/vnd.oci.image.manifest.v1+json";
const digestOf = (text: string): Digest => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** A registry for tests of those who use one: it keeps images, tags and what is beside them, and answers at once. */
export function memoryRegistry(): MemoryRegistry {
  const images = new Map<string, Descriptor>();
  const tags = new Map<string, Digest>();
  const beside = new Map<string, Descriptor[]>();

  function keep(repository: string, contents: string): Descriptor {
    const found: Descriptor = { mediaType, digest: digestOf(contents), size: contents.length };
    images.set(`${repository}@${found.digest}`, found);
    return found;
  }
  function put(repository: string, tag: string, contents: string = `${repository}:${tag}`): Digest {
    const { digest } = keep(repository, contents);
    tags.set(`${repository}:${tag}`, digest);
    return digest;
  }

  const registry: ImageRegistry = {
    digestOf: async (repository, tag) => tags.get(`${repository}:${tag}`) ?? null,
    inspect: async (repository, digest) => {
      const manifest = images.get(`${repository}@${digest}`);
      return manifest === undefined
        ? { kind: "gone" }
        : { kind: "whole", manifest, configuration: null, size: manifest.size };
    },
    tryWriting: async () => undefined,
    tags: async (repository) =>
      [...tags.keys()]
        .filter((name) => name.startsWith(`${repository}:`))
        .map((name) => name.slice(repository.length + 1)),
    gather: async (repository, tag, gathered) => put(repository, tag, JSON.stringify(gathered)),
    attach: async (repository, subject, { type, body, annotations }) => {
      const kept = {
        ...keep(repository, JSON.stringify([subject.digest, type, body])),
        artifactType: type,
        annotations,
      };
      const name = `${repository}@${subject.digest}`;
      const there = beside.get(name) ?? [];
      if (there.every(({ digest }) => digest !== kept.digest)) beside.set(name, [...there, kept]);
      return kept.digest;
    },
    attachments: async (repository, digest) => beside.get(`${repository}@${digest}`) ?? [],
    remove: async (repository, digest) => {
      for (const one of beside.get(`${repository}@${digest}`) ?? []) images.delete(`${repository}@${one.digest}`);
      beside.delete(`${repository}@${digest}`);
      for (const [name, named] of tags) if (named === digest && name.startsWith(`${repository}:`)) tags.delete(name);
      return images.delete(`${repository}@${digest}`);
    },
  };
  return { open: () => registry, put, images: () => [...images.keys()] };
}
