import { expect, test } from "vitest";
import { chunkLines, chunksOf, placeOfLine } from "./chunks.ts";

test("the parts that are asked for hold exactly the lines that are seen, each once", () => {
  expect(chunksOf([1, 2, 10])).toEqual([1]);
  expect(chunksOf([chunkLines, chunkLines + 1, 1])).toEqual([1, chunkLines + 1]);
  expect(chunksOf([])).toEqual([]);
});

test("a line is found in its part", () => {
  expect(placeOfLine(chunkLines + 4)).toEqual({ chunk: chunkLines + 1, index: 3 });
  expect(placeOfLine(1)).toEqual({ chunk: 1, index: 0 });
});
