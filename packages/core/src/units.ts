/** A span of time in milliseconds. */
export type Millis = number;

/** A size in bytes. */
export type Bytes = number;

/** A size as people read it: `256 MiB`, `1.5 GiB`. */
export function textOfBytes(bytes: Bytes): string {
  const [unit, size] = bytes >= 1024 ** 3 ? (["GiB", 1024 ** 3] as const) : (["MiB", 1024 ** 2] as const);
  return `${Number((bytes / size).toFixed(1))} ${unit}`;
}

/** A share of a whole, 0 to 100. */
export type Percent = number;

/** A point in time as ISO 8601 in UTC, the only form in which times leave the process. */
export type Timestamp = string;
