import { expect, test } from "vitest";
import { checksSearchOf } from "./checks-search.ts";

test("a link's search holds what is meant, and nothing else", () => {
  expect(checksSearchOf({ environment: "staging", name: "", days: "7", flaky: "true", other: 1 })).toEqual({
    environment: "staging",
    days: 7,
    flaky: true,
  });
  expect(checksSearchOf({ days: 1, environment: ["a"] })).toEqual({});
});
