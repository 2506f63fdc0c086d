import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Bytes that were received and are not yet named by anything. */
export interface StagedBlob {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
}

/** Where bytes come from: a request, or files of our own. */
export type Incoming = IncomingMessage | AsyncIterable<Uint8Array>;

/** Why bytes were not received. */
export type ReceiveRefusal = { readonly refused: "too-large" };

/**
 * Bytes under their SHA-256, in `blobs/`; `staging/` holds what is still coming. A file appears under its digest only when
 * it is whole. After a crash what is in `staging/` belongs to nobody.
 */
export class BlobStore {
  private readonly blobs: string;
  private readonly staging: string;
  /** Digests whose bytes were found to be right since the start. */
  private readonly proven = new Set<string>();

  private constructor(directory: string) {
    this.blobs = join(directory, "blobs");
    this.staging = join(directory, "staging");
  }

  static async open(directory: string): Promise<BlobStore> {
    const store = new BlobStore(directory);
    await rm(store.staging, { recursive: true, force: true });
    await mkdir(store.staging, { recursive: true, mode: 0o700 });
    await mkdir(store.blobs, { recursive: true, mode: 0o700 });
    return store;
  }

  /** Takes in a stream, never more of it in memory than a chunk, and stops when it is longer than allowed. */
  async receive(source: Incoming, atMost: number): Promise<StagedBlob | ReceiveRefusal> {
    // Who says so beforehand gets an answer; who does not is cut off.
    if ("headers" in source && Number(source.headers["content-length"]) > atMost) return { refused: "too-large" };
    const path = join(this.staging, randomUUID());
    const hash = createHash("sha256");
    let size = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        hash.update(chunk);
        done(size > atMost ? new TooLarge() : null, chunk);
      },
    });
    try {
      await pipeline(source, count, createWriteStream(path, { mode: 0o600, flags: "wx" }));
    } catch (thrown) {
      await rm(path, { force: true });
      if (thrown instanceof TooLarge) return { refused: "too-large" };
      throw thrown;
    }
    return { path, digest: hash.digest("hex"), size };
  }

  /** Puts received bytes under their digest. What is there already stays. */
  async keep({ path, digest }: StagedBlob): Promise<void> {
    await mkdir(join(this.blobs, digest.slice(0, 2)), { recursive: true, mode: 0o700 });
    await rename(path, this.pathOf(digest));
    this.proven.add(digest);
  }

  async discard({ path }: StagedBlob): Promise<void> {
    await rm(path, { force: true });
  }

  async remove(digest: string): Promise<void> {
    this.proven.delete(digest);
    await rm(this.pathOf(digest), { force: true });
  }

  /** Whether the bytes are there and are those of the digest; they are read whole once after each start. */
  async isSound(digest: string, size: number): Promise<boolean> {
    const found = await stat(this.pathOf(digest)).catch(ifMissing);
    if (found?.size !== size) return false;
    if (this.proven.has(digest)) return true;
    const hash = createHash("sha256");
    // It may be taken away in between.
    const isThere = await pipeline(createReadStream(this.pathOf(digest)), hash).then(() => true, ifMissing);
    if (isThere !== true || hash.digest("hex") !== digest) return false;
    this.proven.add(digest);
    return true;
  }

  /** A part of the bytes, from one to another inclusive. It stays readable when the blob is removed meanwhile. */
  async read(digest: string, from: number, to: number): Promise<Readable | undefined> {
    const file = await open(this.pathOf(digest), "r").catch(ifMissing);
    if (file === undefined) return undefined;
    return file.createReadStream({ start: from, end: to });
  }

  /** The digests of all that is kept. */
  async all(): Promise<readonly string[]> {
    const folders = await readdir(this.blobs);
    return (await Promise.all(folders.map((folder) => readdir(join(this.blobs, folder))))).flat();
  }

  private pathOf(digest: string): string {
    return join(this.blobs, digest.slice(0, 2), digest);
  }
}

class TooLarge extends Error {}

function ifMissing(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code !== "ENOENT") throw thrown;
}
