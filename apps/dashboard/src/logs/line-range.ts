/** Lines of a log that a link is about, both ends with it. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

const written = /^#?L(\d{1,10})(?:-L?(\d{1,10}))?$/;

/** Reads `L12` and `L12-L20`; null where it is something else. */
export function lineRangeOf(hash: string): LineRange | null {
  const found = written.exec(hash);
  if (found === null) return null;
  const [one, other] = [Number(found[1]), Number(found[2] ?? found[1])];
  const range = { first: Math.min(one, other), last: Math.max(one, other) };
  return range.first === 0 ? null : range;
}

/** As it stands in a link. */
export const hashOfRange = ({ first, last }: LineRange): string =>
  first === last ? `L${first}` : `L${first}-L${last}`;

/** From where it begins now to the line that is meant as well. */
export const extended = (range: LineRange | null, line: number): LineRange =>
  range === null
    ? { first: line, last: line }
    : line < range.first
      ? { first: line, last: range.last }
      : { first: range.first, last: line };

export const isIn = (range: LineRange | null, line: number): boolean =>
  range !== null && line >= range.first && line <= range.last;
