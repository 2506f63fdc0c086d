import { expect, test } from "vitest";
import { comparedWith } from "./compared-with.ts";

const place = (name: string, release: string | null) => ({ name, current: release === null ? null : { release } });

test("a release is compared with what runs elsewhere, and with the one before it", () => {
  expect(comparedWith("r7", [place("staging", "r7"), place("production", "r4"), place("nightly", null)])).toEqual([
    { release: "r4", words: "r4 in production" },
    { release: "r6", words: "r6, before it" },
  ]);
});

test("a release that runs in several places is named once", () => {
  expect(comparedWith("r7", [place("eu", "r6"), place("us", "r6")])).toEqual([
    { release: "r6", words: "r6 in eu, us" },
  ]);
});

test("the first release has nothing before it", () => {
  expect(comparedWith("r1", [place("staging", "r1")])).toEqual([]);
});
