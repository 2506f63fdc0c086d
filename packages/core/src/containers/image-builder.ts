import type { Digest } from "../ids.ts";
import type { RegistryAccess } from "./image-registry.ts";

/** What an image is built of. */
export interface WantedImage {
  readonly service: string;
  /** Where it will be kept, without tag and digest; null for one that stays on this machine. */
  readonly image: string | null;
  /** Becomes its tag: the commit, shortened. */
  readonly tag: string;
  /** Absolute. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** `linux/arm64`; null for the engine's own. */
  readonly platform: string | null;
}

/** An image that a replica can be started from. */
export interface BuiltImage {
  /** Where it is kept, without tag and digest; begins with `localhost/` for what only this machine has. */
  readonly image: string;
  /** As this machine's engine knows it, which is not how a registry knows it. */
  readonly digest: Digest;
}

/** Fires when nobody wants any more what was begun; an `AbortSignal` is one. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(kind: "abort", listener: () => void): void;
  removeEventListener(kind: "abort", listener: () => void): void;
}

/** Builds images and keeps them where hosts of containers find them. */
export interface ImageBuilder {
  /**
   * Builds one; what the build says goes to `tell`, line by line. May be repeated: what did not change is not built again.
   * Once `signal` fired nothing of the build runs on. Throws `command_failed` with the Dockerfile's line, `disk_full`,
   * `target_unreachable`, `not_allowed_now` for one that was stopped.
   */
  build(wanted: WantedImage, tell: (line: string) => void, signal: StopSignal): Promise<BuiltImage>;
  /**
   * Sends what was built under this name and tag to its registry. May be repeated: what is there is not sent again. Answers
   * with the digest that the engine says it has there; null when it does not say. Ends once `signal` fired. Throws as an
   * `ImageRegistry` does.
   */
  push(
    name: { readonly image: string; readonly tag: string },
    access: RegistryAccess,
    tell: (line: string) => void,
    signal: StopSignal,
  ): Promise<Digest | null>;
  /** Whether this machine has an image, by its engine's own digest. */
  has(digest: Digest): Promise<boolean>;
  /**
   * Takes away what was built here before, but for images of these digests, those that containers are of, and those that
   * were built since this builder was opened. Answers with how many went. May be repeated.
   */
  prune(keep: ReadonlySet<Digest>): Promise<number>;
}
