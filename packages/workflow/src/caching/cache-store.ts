import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BlobStore, type Incoming, type ReceiveRefusal, type StagedBlob } from "./blob-store.ts";
import { type CacheEntry, type CacheName, type CacheWish, chosenEntry } from "./cache-entry.ts";

/** Where caches are kept, and how many bytes they may take. */
export interface CacheStoreOptions {
  readonly directory: string;
  readonly limit: number;
}

interface Known {
  readonly entry: CacheEntry;
  /** In milliseconds of the epoch; kept as the time of the entry's file. */
  usedAt: number;
}

/** An artifact of a run that may still go on is not given up for a cache. */
const artifactsKept = 24 * 60 * 60 * 1000;
/** The time of use is written down at most this often. */
const usedEvery = 60_000;

/**
 * Named bytes on the disk: an entry is a small file that names a blob by its digest, written when the blob is whole. After
 * a crash every entry that is there is good, and blobs that nothing names are removed. Above the limit what was used
 * longest ago goes first. One process uses a directory.
 */
export class CacheStore {
  readonly blobs: BlobStore;
  readonly limit: number;
  private readonly entries: string;
  private readonly known = new Map<string, Known>();
  /** How many entries name a blob, and its size. */
  private readonly named = new Map<string, { readonly size: number; count: number }>();
  /** How many bytes are kept; bytes with several names count once. */
  private total = 0;
  private last = 0;
  /** Adding and removing happen one after the other: a blob must not go while a new entry for it is being written. */
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(blobs: BlobStore, { directory, limit }: CacheStoreOptions) {
    this.blobs = blobs;
    this.limit = limit;
    this.entries = join(directory, "entries");
  }

  static async open(options: CacheStoreOptions): Promise<CacheStore> {
    const store = new CacheStore(await BlobStore.open(options.directory), options);
    await store.load();
    return store;
  }

  /** How many bytes are kept; bytes with several names count once. */
  get size(): number {
    return this.total;
  }

  find(name: CacheName): CacheEntry | undefined {
    return this.known.get(idOf(name))?.entry;
  }

  choose(wish: CacheWish): CacheEntry | undefined {
    return chosenEntry(this.all(), wish);
  }

  *all(): Generator<CacheEntry> {
    for (const { entry } of this.known.values()) yield entry;
  }

  /** Takes in bytes that no entry names yet: no more than could ever be kept. */
  receive(source: Incoming): Promise<StagedBlob | ReceiveRefusal> {
    return this.blobs.receive(source, this.limit);
  }

  /** Names received bytes. An entry with the same name is replaced; whoever is reading it reads on. */
  add(name: CacheName, blob: StagedBlob, facts: Readonly<Record<string, string>> = {}): Promise<CacheEntry> {
    return this.inTurn(async () => {
      const createdAt = Date.now();
      this.last = Math.max(this.last + 1, createdAt * 1000);
      const { kind, scope, key, version } = name;
      const { digest, size } = blob;
      const entry = { kind, scope, key, version, digest, size, number: this.last, createdAt, facts };
      const id = idOf(name);
      const before = this.known.get(id)?.entry;
      await this.blobs.keep(blob);
      const path = join(this.entries, id);
      await writeFile(`${path}.new`, JSON.stringify(entry), { mode: 0o600 });
      await rename(`${path}.new`, path);
      this.know(id, { entry, usedAt: createdAt });
      if (before !== undefined) await this.unname(before.digest);
      await this.makeRoom(id);
      return entry;
    });
  }

  remove(name: CacheName): Promise<void> {
    return this.inTurn(() => this.forget(idOf(name)));
  }

  /** Whether an entry's bytes are what was saved. A damaged one is removed, so that it is saved anew. */
  async isSound(entry: CacheEntry): Promise<boolean> {
    if (!(await this.blobs.isSound(entry.digest, entry.size))) {
      await this.inTurn(async () => {
        for (const [id, { entry: other }] of this.known) if (other.digest === entry.digest) await this.forget(id);
      });
      return false;
    }
    await this.use(idOf(entry));
    return true;
  }

  private async use(id: string): Promise<void> {
    const known = this.known.get(id);
    const now = Date.now();
    if (known === undefined || now - known.usedAt < usedEvery) {
      if (known !== undefined) known.usedAt = Math.max(known.usedAt, now);
      return;
    }
    known.usedAt = now;
    await utimes(join(this.entries, id), now / 1000, now / 1000).catch(ifMissing);
  }

  private async load(): Promise<void> {
    await mkdir(this.entries, { recursive: true, mode: 0o700 });
    const blobs = new Set(await this.blobs.all());
    for (const id of await readdir(this.entries)) {
      const path = join(this.entries, id);
      const entry = id.endsWith(".new") ? undefined : parsed(await readFile(path, "utf8"));
      if (entry === undefined || idOf(entry) !== id || !blobs.has(entry.digest)) {
        await rm(path, { force: true });
        continue;
      }
      this.know(id, { entry, usedAt: (await stat(path)).mtimeMs });
      this.last = Math.max(this.last, entry.number);
    }
    for (const digest of blobs) if (!this.named.has(digest)) await this.blobs.remove(digest);
    await this.makeRoom();
  }

  private async makeRoom(keep?: string): Promise<void> {
    if (this.total <= this.limit) return;
    const now = Date.now();
    const isKept = ({ entry }: Known): boolean => entry.kind === "artifact" && now - entry.createdAt < artifactsKept;
    const order = [...this.known].sort(
      ([, a], [, b]) => Number(isKept(a)) - Number(isKept(b)) || a.usedAt - b.usedAt || a.entry.number - b.entry.number,
    );
    for (const [id] of order) {
      if (this.total <= this.limit) return;
      if (id !== keep) await this.forget(id);
    }
  }

  private know(id: string, known: Known): void {
    const { digest, size } = known.entry;
    this.known.set(id, known);
    const blob = this.named.get(digest);
    if (blob === undefined) this.total += size;
    this.named.set(digest, { size, count: (blob?.count ?? 0) + 1 });
  }

  private async forget(id: string): Promise<void> {
    const entry = this.known.get(id)?.entry;
    if (entry === undefined) return;
    this.known.delete(id);
    await rm(join(this.entries, id), { force: true });
    await this.unname(entry.digest);
  }

  /** One name less for a blob; without any it goes. */
  private async unname(digest: string): Promise<void> {
    const blob = this.named.get(digest);
    if (blob === undefined || --blob.count > 0) return;
    this.named.delete(digest);
    this.total -= blob.size;
    await this.blobs.remove(digest);
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.turn.then(work, work);
    this.turn = done.catch(() => undefined); // whoever asked is told
    return done;
  }
}

/** The file of an entry: its name may hold anything and be of any length. */
const idOf = ({ kind, scope, key, version }: CacheName): string =>
  createHash("sha256")
    .update(JSON.stringify([kind, scope, key, version]))
    .digest("hex");

/** Undefined for what a power cut left half written. */
function parsed(text: string): CacheEntry | undefined {
  try {
    return JSON.parse(text) as CacheEntry;
  } catch {
    return undefined; // the entry is only missed once
  }
}

function ifMissing(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code !== "ENOENT") throw thrown;
}
