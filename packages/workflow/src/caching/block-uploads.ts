import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BlobStore, Incoming, ReceiveRefusal, StagedBlob } from "./blob-store.ts";
import type { CacheName } from "./cache-entry.ts";

/** What is being uploaded, and on whose behalf. */
export interface Reservation {
  readonly name: CacheName;
  readonly facts: Readonly<Record<string, string>>;
}

/** What became of a wish to upload something. */
export type UploadStep = { readonly done: true } | { readonly refused: "unknown" | "missing-block" | "too-large" };

/** An upload that nobody finished is given up after this. */
const patience = 24 * 60 * 60 * 1000;

/**
 * Uploads that come in blocks, each a folder on the disk: they survive the end of the server, so that a job that outlives
 * it can go on. What is uploaded gets its name only when it is finished.
 */
export class BlockUploads {
  private readonly directory: string;
  private readonly blobs: BlobStore;
  private readonly limit: number;

  private constructor(directory: string, blobs: BlobStore, limit: number) {
    this.directory = directory;
    this.blobs = blobs;
    this.limit = limit;
  }

  static async open(directory: string, blobs: BlobStore, limit: number): Promise<BlockUploads> {
    const uploads = new BlockUploads(directory, blobs, limit);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const id of await readdir(directory)) {
      const { mtimeMs } = await stat(join(directory, id));
      if (Date.now() - mtimeMs > patience) await uploads.give(id);
    }
    return uploads;
  }

  /** Begins an upload and gives its id; an earlier one for the same name is given up. */
  async reserve(reservation: Reservation): Promise<string> {
    const prefix = prefixOf(reservation.name);
    for (const id of await this.idsOf(prefix)) await this.give(id);
    const id = `${prefix}-${randomUUID()}`;
    await mkdir(join(this.directory, id), { mode: 0o700 });
    await writeFile(join(this.directory, id, "reservation"), JSON.stringify(reservation), { mode: 0o600 });
    return id;
  }

  async putBlock(id: string, block: string, source: Incoming): Promise<UploadStep> {
    if (!(await this.isKnown(id))) return { refused: "unknown" };
    const received = await this.blobs.receive(source, await this.room());
    if ("refused" in received) return received;
    return this.place(id, blockName(block), received);
  }

  /** Puts blocks together, in this order. */
  async commit(id: string, blocks: readonly string[]): Promise<UploadStep> {
    const paths = blocks.map((block) => join(this.directory, id, blockName(block)));
    for (const path of paths)
      if ((await stat(path).catch(ifMissing)) === undefined) return { refused: "missing-block" };
    return this.whole(id, await this.blobs.receive(inTurn(paths), this.limit));
  }

  /** Takes in all bytes at once. */
  async put(id: string, source: Incoming): Promise<UploadStep> {
    if (!(await this.isKnown(id))) return { refused: "unknown" };
    return this.whole(id, await this.blobs.receive(source, await this.room()));
  }

  /** What was uploaded for a name; undefined when nothing was, or not all of it. */
  async uploaded(
    name: CacheName,
  ): Promise<{ readonly id: string; readonly reservation: Reservation; readonly blob: StagedBlob } | undefined> {
    for (const id of await this.idsOf(prefixOf(name))) {
      const facts = await readFile(join(this.directory, id, "whole.json"), "utf8").catch(ifMissing);
      if (facts === undefined) continue;
      const { digest, size } = JSON.parse(facts) as Pick<StagedBlob, "digest" | "size">;
      const reservation = JSON.parse(await readFile(join(this.directory, id, "reservation"), "utf8")) as Reservation;
      return { id, reservation, blob: { path: join(this.directory, id, "whole"), digest, size } };
    }
    return undefined;
  }

  /** Forgets an upload: it is finished, or nobody wants it any more. */
  async give(id: string): Promise<void> {
    await rm(join(this.directory, id), { recursive: true, force: true });
  }

  private async whole(id: string, received: StagedBlob | ReceiveRefusal): Promise<UploadStep> {
    if ("refused" in received) return received;
    const placed = await this.place(id, "whole", received);
    if ("refused" in placed) return placed;
    const { digest, size } = received;
    const path = join(this.directory, id, "whole.json");
    await writeFile(`${path}.new`, JSON.stringify({ digest, size }), { mode: 0o600 });
    await rename(`${path}.new`, path);
    for (const name of await readdir(join(this.directory, id)))
      if (name.startsWith("block-")) await rm(join(this.directory, id, name), { force: true });
    return { done: true };
  }

  private async place(id: string, name: string, received: StagedBlob): Promise<UploadStep> {
    try {
      await rename(received.path, join(this.directory, id, name));
      return { done: true };
    } catch (thrown) {
      await this.blobs.discard(received);
      if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return { refused: "unknown" };
      throw thrown;
    }
  }

  private isKnown(id: string): Promise<boolean> {
    return stat(join(this.directory, id, "reservation")).then(
      () => true,
      (thrown: NodeJS.ErrnoException) => {
        if (thrown.code === "ENOENT") return false;
        throw thrown;
      },
    );
  }

  /** What may still come: all that is being uploaded together takes no more than what may be kept. */
  private async room(): Promise<number> {
    const files = await readdir(this.directory, { recursive: true });
    const found = await Promise.all(files.map((name) => stat(join(this.directory, name)).catch(ifMissing)));
    const taken = found.reduce((sum, file) => sum + (file?.isFile() === true ? file.size : 0), 0);
    return Math.max(0, this.limit - taken);
  }

  private async idsOf(prefix: string): Promise<readonly string[]> {
    return (await readdir(this.directory)).filter((id) => id.startsWith(`${prefix}-`));
  }
}

async function* inTurn(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) yield* createReadStream(path) as AsyncIterable<Uint8Array>;
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const prefixOf = ({ kind, scope, key, version }: CacheName): string =>
  digest(JSON.stringify([kind, scope, key, version])).slice(0, 32);
/** Ids of blocks are the client's and may hold anything. */
const blockName = (block: string): string => `block-${digest(block)}`;

function ifMissing(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code !== "ENOENT") throw thrown;
}
