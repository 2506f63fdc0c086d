import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Millis } from "@fairway/core";

/** Longest wait between two looks when the file system tells nothing, as on network mounts. */
const longestWait: Millis = 500;

/**
 * Tells when a log or its index changed. It watches the folder, because the log may not be there yet, may be moved away,
 * and ends with a mark in the index.
 */
export class LogChanges {
  private readonly path: string;
  private watcher: FSWatcher | undefined;
  private changed = false;
  private wake: (() => void) | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** To be called before a look: what changes from here on ends the next wait at once. */
  arm(): void {
    this.changed = false;
    if (this.watcher !== undefined) return;
    const name = basename(this.path);
    try {
      this.watcher = watch(dirname(this.path), (_event, file) => {
        if (file !== null && !file.startsWith(name)) return;
        this.changed = true;
        this.wake?.();
      });
      this.watcher.on("error", () => this.close());
    } catch {
      // No folder yet, or no watches left on this machine: then the clock alone wakes us.
      this.watcher = undefined;
    }
  }

  /** Resolves when something changed since it was armed, and at the latest after a while. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.changed || signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, longestWait);
      signal?.addEventListener("abort", done);
      this.wake = done;
    });
  }

  close(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }
}
