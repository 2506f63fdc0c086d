/**
 * Whoever has the key that Fairway's own keys are sealed by: a file outside the data directory, or a key management service,
 * which does not give it away.
 */
export interface KeyKeeper {
  /** Of the key, and never of another one; it is kept beside what the key has sealed. */
  readonly id: string;
  /** Seals a key of 32 bytes. May be repeated; each answer is another one. Throws `key_unusable`. */
  wrap(key: Uint8Array): Promise<Uint8Array>;
  /** The key again. Throws `key_unusable` for what this keeper has not sealed, or what was altered. */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}

/** The keepers that a daemon was given. */
export interface KeyKeepers {
  /** Who seals new keys; a key is made for it where there never was one. Throws `key_unusable`. */
  current(): Promise<KeyKeeper>;
  /** Who sealed this, by its id; null when that key is not here. Throws `key_unusable` when it is but may not be used. */
  byId(id: string): Promise<KeyKeeper | null>;
  /** Another key than the current one, to move to. Throws `key_unusable` with what to do where none can be made here. */
  next(): Promise<KeyKeeper>;
  /** The key itself, to be kept apart from what it opens; null when it is not here, or not given away. */
  keyOf(id: string): Promise<Uint8Array | null>;
  /** Where a key can be put as a file of its own; null where keys are told otherwise. */
  readonly folder: string | null;
  /** Where the keys lie, in words for a person. */
  readonly place: string;
}
