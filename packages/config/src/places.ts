import type { Path } from "./path.ts";

/** A point in a file; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Knows where in the user's file a value was written. */
export interface Places {
  /** Where the key or the value at this path is; where the nearest thing around it is when it was not written itself. */
  find(path: Path, part: "key" | "value"): Place;
  /** The value's text as it stands in the file; undefined when it was not written there. */
  textAt(path: Path): string | undefined;
}

/** Turns offsets of a text into lines and columns. */
export function placeFinder(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
