import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const page = join(import.meta.dirname, "../../docs/reference/security.md");
const rows = readFileSync(page, "utf8")
  .split("\n")
  .filter((line) => /^\| [A-J]\d /.test(line));
/** By the numbers of the classes that were found in others. */
const classes = { A: 5, B: 7, C: 5, D: 2, E: 1, F: 4, G: 2, H: 3, I: 1, J: 2 };
const expected = Object.entries(classes).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_one, at) => `${letter}${at + 1}`),
);

test("every class of attack has a row", () => {
  expect(rows.map((row) => row.slice(2, 4))).toEqual(expected);
});

test.each(rows.map((row) => [row.slice(2, 4), row] as const))("what shows %s is there", (_name, row) => {
  const links = [...row.matchAll(/\[([^\]]+)\]\((\.\.\/\.\.\/[^)]+\.test\.ts)\)/g)];
  expect(links.length).toBeGreaterThan(0);
  for (const [, words = "", path = ""] of links) {
    const source = readFileSync(join(dirname(page), path), "utf8");
    expect([path, words, source.includes(words)]).toEqual([path, words, true]);
  }
});
