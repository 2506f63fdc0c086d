/** What kind of client an entry is for. Entries of one kind are never given to another. */
export type CacheKind = "actions" | "artifact" | "turbo" | "nx";

/** One thing that was saved: a name for bytes. It never changes; what is saved anew is a new entry. */
export interface CacheEntry {
  readonly kind: CacheKind;
  /** The ref whose run saved it; for an artifact the run. */
  readonly scope: string;
  readonly key: string;
  /** What must be equal besides the key: GitHub's digest of the paths and the compression. Empty for the others. */
  readonly version: string;
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly digest: string;
  readonly size: number;
  /** Grows with every entry; clients take the highest of several with one name. */
  readonly number: number;
  /** In milliseconds of the epoch. */
  readonly createdAt: number;
  /** What the client wants back with the bytes. */
  readonly facts: Readonly<Record<string, string>>;
}

/** What names an entry: two with the same name cannot be there. */
export type CacheName = Pick<CacheEntry, "kind" | "scope" | "key" | "version">;

/** A wish for an entry whose key is one of several, or begins with one. */
export interface CacheWish {
  readonly kind: CacheKind;
  /** The refs from which may be read, the own first. */
  readonly scopes: readonly string[];
  readonly version: string;
  readonly key: string;
  /** Taken as beginnings, in this order, when nothing has the key. */
  readonly restoreKeys: readonly string[];
}

/**
 * The entry that GitHub would give: scope after scope, in each the exact key first, then the newest whose key begins with
 * it, then the same for the restore keys in their order.
 * https://docs.github.com/actions/reference/workflows-and-actions/dependency-caching#cache-key-matching
 */
export function chosenEntry(entries: Iterable<CacheEntry>, wish: CacheWish): CacheEntry | undefined {
  const fitting = [...entries]
    .filter(({ kind, version }) => kind === wish.kind && version === wish.version)
    .sort((a, b) => b.number - a.number);
  for (const scope of wish.scopes) {
    const here = fitting.filter((entry) => entry.scope === scope);
    const exact = here.find(({ key }) => key === wish.key);
    if (exact !== undefined) return exact;
    for (const beginning of [wish.key, ...wish.restoreKeys]) {
      const newest = here.find(({ key }) => key.startsWith(beginning));
      if (newest !== undefined) return newest;
    }
  }
  return undefined;
}
