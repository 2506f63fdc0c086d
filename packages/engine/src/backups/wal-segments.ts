/** A stretch of the write-ahead log, and the files that are there of it. */
export interface WalStretch {
  /** Positions as PostgreSQL writes them: 0/3000028. */
  readonly from: string;
  readonly to: string;
  /** Of one file, in bytes. */
  readonly size: number;
  /** Eight digits, hexadecimal. */
  readonly timeline: string;
  readonly there: readonly string[];
}

/**
 * The files of the log between two positions that are not there, as sentences. A server starts without them and silently leaves
 * out what came after the hole, so nobody else would say so. Names of files: PostgreSQL's documentation, 28.5.
 */
export function missingSegments({ from, to, size, timeline, there }: WalStretch): readonly string[] {
  if (size === 0) return ["every file of the log is missing"];
  const known = new Set(there);
  const perLog = 0x1_0000_0000n / BigInt(size);
  const [first, last] = [positionOf(from) / BigInt(size), (positionOf(to) - 1n) / BigInt(size)];
  const missing: string[] = [];
  for (let segment = first; segment <= last; segment++) {
    const name = `${timeline}${hex(segment / perLog)}${hex(segment % perLog)}`;
    if (!known.has(name)) missing.push(`${name} of the log is missing`);
  }
  return missing;
}

const hex = (value: bigint): string => value.toString(16).toUpperCase().padStart(8, "0");

function positionOf(lsn: string): bigint {
  const [high = "0", low = "0"] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}
