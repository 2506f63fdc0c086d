/** Files of an archived log, as their names say: https://www.postgresql.org/docs/current/wal-internals.html */
export interface ArchivedStretch {
  /** Names of 24 digits. */
  readonly from: string;
  readonly to: string;
  /** Whatever lies there; names that are none of a segment are passed over. */
  readonly there: readonly string[];
}

/** A segment is 16 MiB where nobody chose otherwise, and of that there are 256 in each log. */
const perLog = 256n;

/**
 * The segments between two that are on no timeline there, as sentences. A server that is given such a log stops before the hole
 * without a word and goes on from there, and neither `pgbackrest verify` nor a restore says so.
 */
export function missingFromArchive({ from, to, there }: ArchivedStretch): readonly string[] {
  const known = new Set(there.flatMap((name) => segmentIn(name).map(placeOf)));
  const missing: string[] = [];
  for (let place = placeOf(from); place <= placeOf(to); place++)
    if (!known.has(place)) missing.push(`${nameOf(from.slice(0, 8), place)} of the archived log is missing`);
  return missing;
}

/** The segments of a stretch that are there, each once and the newest timeline first, with the histories of timelines. */
export function segmentsOf({ from, to, there }: ArchivedStretch): readonly string[] {
  const within = (name: string): boolean => placeOf(name) >= placeOf(from) && placeOf(name) <= placeOf(to);
  const names = there.flatMap(segmentIn).filter(within);
  const histories = there.flatMap((name) => /^[0-9A-F]{8}\.history/.exec(name)?.[0] ?? []);
  return [...new Set([...histories, ...names])];
}

/** What names a backup has the segment's digits too, and is none: 000000010000000000000002.00000028.backup. */
const segmentIn = (name: string): readonly string[] => /^[0-9A-F]{24}(?=$|-)/.exec(name)?.slice(0, 1) ?? [];

const placeOf = (name: string): bigint => BigInt(`0x${name.slice(8, 16)}`) * perLog + BigInt(`0x${name.slice(16, 24)}`);
const nameOf = (timeline: string, place: bigint): string => `${timeline}${hex(place / perLog)}${hex(place % perLog)}`;
const hex = (value: bigint): string => value.toString(16).toUpperCase().padStart(8, "0");
