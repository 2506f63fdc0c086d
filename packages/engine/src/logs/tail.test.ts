import { expect, test } from "vitest";
import { excerptOf } from "./tail.ts";

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);

test("the end of a log is its last lines", () => {
  expect(excerptOf(numbered(1, 30), 4)).toEqual(numbered(27, 30));
  expect(excerptOf([...numbered(1, 30), "Error: no such file", "  at a"], 4)).toEqual([
    ...numbered(29, 30),
    "Error: no such file",
    "  at a",
  ]);
});

test("what went wrong is shown also when a program ends with how it is used", () => {
  const said = [
    "npm error code EUSAGE",
    "npm error",
    "npm error `npm ci` can only install packages when package.json and package-lock.json are in sync.",
    "npm error Missing: a@1 from lock file",
    "npm error",
    ...numbered(1, 30).map((line) => `npm error ${line}`),
    "npm error",
    'npm error Run "npm help ci" for more info',
  ];
  expect(excerptOf(said, 6)).toEqual([
    "npm error code EUSAGE",
    "npm error `npm ci` can only install packages when package.json and package-lock.json are in sync.",
    "npm error Missing: a@1 from lock file",
    "… 29 more lines …",
    "npm error line 30",
    'npm error Run "npm help ci" for more info',
  ]);
});

test("an excerpt is never longer than asked for, and nothing is left out for the line that says so", () => {
  for (const length of [1, 5, 6, 7, 8, 40]) {
    const lines = ["fatal: it broke", ...numbered(2, length)];
    const excerpt = excerptOf(lines, 6);
    expect(excerpt.length).toBe(Math.min(6, length));
    expect(excerpt[0]).toBe("fatal: it broke");
  }
});
