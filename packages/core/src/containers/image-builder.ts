import type { Digest } from "../ids.ts";

/** What an image is built of. */
export interface WantedImage {
  readonly service: string;
  /** Becomes its tag: the commit, shortened. */
  readonly tag: string;
  /** Absolute. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** An image that a replica can be started from. */
export interface BuiltImage {
  /** Where it is kept, without tag and digest; begins with `localhost/` for what only this machine has. */
  readonly image: string;
  readonly digest: Digest;
}

/** Builds images and keeps them where hosts of containers find them. */
export interface ImageBuilder {
  /**
   * Builds one; what the build says goes to `tell`, line by line. May be repeated: what did not change is not built again.
   * Throws `command_failed` with the Dockerfile's line, `disk_full`, `target_unreachable`.
   */
  build(wanted: WantedImage, tell: (line: string) => void): Promise<BuiltImage>;
}
