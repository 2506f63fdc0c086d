import { expect, test } from "vitest";
import { timesInWords } from "./times-in-words.ts";

test("a time is told apart from the words around it", () => {
  expect(timesInWords("next at 2026-11-24T02:15:00.000Z")).toEqual([
    { words: "next at " },
    { at: "2026-11-24T02:15:00.000Z" },
  ]);
  expect(timesInWords("from 2026-11-24T02:15Z until 2026-11-25T02:15:07Z, then")).toEqual([
    ...[{ words: "from " }, { at: "2026-11-24T02:15Z" }],
    ...[{ words: " until " }, { at: "2026-11-25T02:15:07Z" }, { words: ", then" }],
  ]);
});

test("what is no time stays as it is: a day, a digest, a time that never is", () => {
  for (const words of ["due on 2026-11-24", "sha256:2026", "at 2026-13-99T02:15:00Z", ""])
    expect(timesInWords(words).map((part) => ("words" in part ? part.words : part))).toEqual(
      words.startsWith("at") ? ["at ", "2026-13-99T02:15:00Z"] : words === "" ? [] : [words],
    );
});
