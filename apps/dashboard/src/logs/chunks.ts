/** How many lines are asked for at once. */
export const chunkLines = 500;

/** The first lines of the parts of a log that hold these lines, counted from 1, each once. */
export function chunksOf(lines: readonly number[]): readonly number[] {
  return [...new Set(lines.map((line) => firstOfChunk(line)))];
}

const firstOfChunk = (line: number): number => Math.floor((line - 1) / chunkLines) * chunkLines + 1;

/** In which part a line is, by that part's first line, and which of its lines it is. */
export const placeOfLine = (line: number): { readonly chunk: number; readonly index: number } => ({
  chunk: firstOfChunk(line),
  index: (line - 1) % chunkLines,
});
