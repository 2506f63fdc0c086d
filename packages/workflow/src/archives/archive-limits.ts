/** How much an archive may hold. One that holds more is refused whole. */
export interface ArchiveLimits {
  readonly entries: number;
  /** Of all files together, unpacked. */
  readonly bytes: number;
  /** Bytes unpacked for one packed, beyond {@link ratioFrom}. */
  readonly ratio: number;
  /** Of a path, as UTF-8. */
  readonly pathBytes: number;
  /** Folders around a file. */
  readonly depth: number;
}

/** Below this many bytes any ratio is harmless. */
export const ratioFrom: number = 256 * 1024 ** 2;

/** A large `node_modules` has some 100,000 files, and logs pack 1 : 100; GitHub keeps at most 10 GB of caches. */
export const usualLimits: ArchiveLimits = {
  entries: 500_000,
  bytes: 10 * 1024 ** 3,
  ratio: 500,
  pathBytes: 4096,
  depth: 100,
};
