/** How many lines are asked for at once. */
export const chunkLines = 500;

/** The first lines of the parts of a log that hold these rows, counted from 0. */
export function chunksOf(firstRow: number, lastRow: number): readonly number[] {
  if (lastRow < firstRow) return [];
  const first = Math.floor(firstRow / chunkLines);
  const last = Math.floor(lastRow / chunkLines);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * chunkLines + 1);
}

/** In which part a row is, by that part's first line, and which of its lines it is. */
export const placeOfRow = (row: number): { readonly chunk: number; readonly index: number } => ({
  chunk: Math.floor(row / chunkLines) * chunkLines + 1,
  index: row % chunkLines,
});
