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
}
