import type { Digest } from "../ids.ts";
import type { RegistryLogin } from "./job-containers.ts";

/** How a registry is reached. Kept in memory only: it holds a password. */
export interface RegistryAccess {
  /** `registry.example.com:5000`. */
  readonly host: string;
  /** Without TLS. */
  readonly insecure: boolean;
  /** Certificates (PEM) that are trusted besides those that everybody trusts. */
  readonly ca: string | null;
  readonly login: RegistryLogin | null;
}

/** What a registry's manifest says of something that it keeps (OCI image specification 1.1, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string } | undefined;
}

/** How an image in a registry was found. */
export type ImageState =
  | {
      readonly kind: "whole";
      readonly manifest: Descriptor;
      /** Of its configuration, by which engines know it; null for an index of several platforms. */
      readonly configuration: Digest | null;
      /** Of all that it is made of, in bytes. */
      readonly size: number;
    }
  | { readonly kind: "gone" }
  /** Each problem is a sentence that names the part by its digest. */
  | { readonly kind: "damaged"; readonly problems: readonly string[] };

/** A document that is kept beside an image and found by the image's digest. */
export interface Attachment {
  /** Of what kind it is, and its media type. */
  readonly type: string;
  readonly body: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * One registry of images, by the OCI distribution specification 1.1. Repositories are named without the host. Every call
 * may be repeated, and has a deadline. Throws `registry_unavailable` (retryable) when it does not answer or asks to be
 * left alone, `registry_refused` for who we are or what we may, `disk_full` when it has no room, `deadline_passed` when it
 * is slow, `artifact_damaged` when what it answers is not what it says it is.
 */
export interface ImageRegistry {
  /** What a tag names now; null when there is none. */
  digestOf(repository: string, tag: string): Promise<Digest | null>;
  /**
   * Whether an image is whole: its manifest has its digest, and configuration and layers are there with their sizes; with
   * `deep` every byte is read and compared.
   */
  inspect(repository: string, digest: Digest, how?: { readonly deep?: boolean }): Promise<ImageState>;
  /** Returns when it takes what is sent, and leaves nothing: engines keep to themselves why a registry took nothing. */
  tryWriting(repository: string): Promise<void>;
  /** Every tag; empty for a repository that is not there. */
  tags(repository: string): Promise<readonly string[]>;
  /** Gathers images of several platforms under one tag; answers with the digest of the index. */
  gather(repository: string, tag: string, images: readonly Descriptor[]): Promise<Digest>;
  /** Keeps a document beside an image. The same one is kept once. */
  attach(repository: string, subject: Descriptor, attachment: Attachment): Promise<Digest>;
  /** What is kept beside an image. */
  attachments(repository: string, digest: Digest): Promise<readonly Descriptor[]>;
  /** Takes an image away with all its tags and what is kept beside it; false when it was not there. */
  remove(repository: string, digest: Digest): Promise<boolean>;
}

/** Opens nothing: the first call does. */
export type OpenRegistry = ((access: RegistryAccess) => ImageRegistry) & {
  /**
   * Makes ready what must be there before an image is pushed, and answers with a login that the platform gives for a while;
   * null where it gives none. Asked only where the project names no login. Safe to repeat.
   */
  readonly readyFor?: (host: string, repository: string) => Promise<RegistryLogin | null>;
  /**
   * Holds images against the registry's own tidying, and lets all others go that the same holder held. Answers with what stands
   * against it, as sentences; null where the registry tidies nothing. Safe to repeat.
   */
  readonly hold?: (
    host: string,
    repository: string,
    digests: readonly string[],
    holder: string,
  ) => Promise<readonly string[] | null>;
};
