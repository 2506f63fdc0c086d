/**
 * Header fields as they stand on the wire: each `\r\nName: value`, in order, as latin1 text. They are kept as one
 * string because a router forwards nearly all of them untouched, and cutting a few ranges out of a string costs a
 * third of building a map and writing it out again.
 */
export type HeaderLines = string;

/** Zero or more header lines: no folding, no space before the colon, no control characters, no bare CR or LF. */
export const headerLinesPattern: string = String.raw`(?:\r\n[!#$%&'*+\-.^_\x60|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*)*`;

/** A length as RFC 9110 writes it: digits only, and few enough to be counted exactly. */
export const lengthPattern: RegExp = /^\d{1,15}$/;

/** The lines without the given ranges, which are start and end offsets in ascending order. */
export function withoutRanges(lines: HeaderLines, ranges: readonly number[]): HeaderLines {
  let kept = "";
  let from = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    kept += lines.slice(from, ranges[i]);
    from = ranges[i + 1] ?? from;
  }
  return kept + lines.slice(from);
}

/** The lines without those whose lower-case name is in `names`. */
export function withoutNamed(lines: HeaderLines, names: ReadonlySet<string>): HeaderLines {
  return lines
    .split("\r\n")
    .filter((line) => !names.has(line.slice(0, line.indexOf(":")).toLowerCase()))
    .join("\r\n");
}

/** The trimmed, lower-case members of a comma-separated value. */
export const listMembers = (value: string): readonly string[] =>
  value
    .toLowerCase()
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");

/** Field values have optional white space at their end, which is not part of them. */
export function withoutTrailingSpace(value: string): string {
  const last = value.charCodeAt(value.length - 1);
  return last === 0x20 || last === 0x09 ? value.trimEnd() : value;
}
