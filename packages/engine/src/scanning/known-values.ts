import { createHmac, randomBytes } from "node:crypto";

/** The value of a credential, and what it is called. */
export interface KnownValue {
  readonly credential: string;
  readonly value: string;
}

/** A place in a text where a known value stands. */
export interface KnownHit {
  readonly credential: string;
  readonly at: number;
  readonly value: string;
  /** What stands there in its place, where it was found within something encoded. */
  readonly whole?: string;
}

const shortest = 8;
const runs = /[A-Za-z0-9_-]{8,}/g;
/** What may be a text in base64: as a header or a file has it. */
const encoded = /[A-Za-z0-9+/_-]{16,}={0,2}/g;

interface Whole {
  readonly credential: string;
  /** Where its first run of letters begins in it. */
  readonly offset: number;
  readonly length: number;
  readonly mac: string;
}

/**
 * Finds known values in texts, as they are and within base64. What is remembered of them is a fingerprint by a key that nobody
 * else has, so that this tells values apart and gives none away. Values shorter than 8 characters are in every text, and are
 * not looked for.
 */
export function knownValues(values: readonly KnownValue[]): (text: string) => readonly KnownHit[] {
  const key = randomBytes(32);
  const mac = (text: string): string => createHmac("sha256", key).update(text).digest("base64");
  const byRun = new Map<string, Whole[]>();
  const lengths = new Set<number>();
  for (const { credential, value } of values) {
    if (value.length < shortest) continue;
    const first = [...value.matchAll(runs)].toSorted((one, other) => other[0].length - one[0].length)[0];
    if (first === undefined) continue;
    const [run] = first;
    lengths.add(run.length);
    const whole = { credential, offset: first.index, length: value.length, mac: mac(value) };
    byRun.set(mac(run), [...(byRun.get(mac(run)) ?? []), whole]);
  }
  const seen = new Map<string, readonly Whole[]>();
  const wholesOf = (run: string): readonly Whole[] => {
    const known = seen.get(run);
    if (known !== undefined) return known;
    const found = byRun.get(mac(run)) ?? [];
    if (seen.size > 100_000) seen.clear();
    seen.set(run, found);
    return found;
  };
  const within = (text: string): readonly KnownHit[] => {
    const hits: KnownHit[] = [];
    for (const match of text.matchAll(runs)) {
      const escaped = escapeBefore(text, match.index);
      for (const skipped of escaped === 0 ? [0] : [0, escaped]) {
        const run = match[0].slice(skipped);
        if (!lengths.has(run.length)) continue;
        for (const { credential, offset, length, mac: expected } of wholesOf(run)) {
          const at = match.index + skipped - offset;
          const value = at < 0 ? "" : text.slice(at, at + length);
          if (value.length === length && mac(value) === expected) hits.push({ credential, at, value });
        }
      }
    }
    return hits;
  };
  if (byRun.size === 0) return () => [];
  return (text) => {
    const hits = [...within(text)];
    for (const match of text.matchAll(encoded)) {
      const decoded = Buffer.from(match[0], "base64").toString("latin1");
      for (const hit of within(decoded)) hits.push({ ...hit, at: match.index, whole: match[0] });
    }
    return hits;
  };
}

/**
 * How many letters at a place belong to what was escaped before them: the `n` of `\\n` in a text of JSON, the `3D` of `%3D` in
 * an address.
 */
const escapeBefore = (text: string, at: number): number => {
  if (text[at - 1] === "\\") return 1;
  return text[at - 1] === "%" && /^[0-9a-f]{2}/i.test(text.slice(at, at + 2)) ? 2 : 0;
};
