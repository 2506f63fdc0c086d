/** A place in a text, both from 1; columns count as editors do, in UTF-16. */
export interface SqlPlace {
  readonly line: number;
  readonly column: number;
}

/** Finds places in a text by the byte that PostgreSQL's parser counts in. */
export function placesOf(bytes: Buffer): (offset: number) => SqlPlace {
  const starts = [0];
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: bytes.toString("utf8", starts[low], offset).length + 1 };
  };
}
