import { expect, test } from "vitest";
import { chunkLines, chunksOf, placeOfRow } from "./chunks.ts";

test("the parts that are asked for hold exactly the rows that are seen", () => {
  expect(chunksOf(0, 10)).toEqual([1]);
  expect(chunksOf(chunkLines - 1, chunkLines)).toEqual([1, chunkLines + 1]);
  expect(chunksOf(5, 4)).toEqual([]);
});

test("a row is found in its part", () => {
  expect(placeOfRow(chunkLines + 3)).toEqual({ chunk: chunkLines + 1, index: 3 });
  expect(placeOfRow(0)).toEqual({ chunk: 1, index: 0 });
});
