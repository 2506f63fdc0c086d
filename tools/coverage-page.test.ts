// Holds the table of what is covered to what is there: each item has one row, and each row leads to tests that have the
// words it cites them by. Whether a test shows what its row says is for people to judge.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const page = join(root, "docs/reference/coverage.md");
/** Without the head of each table. */
const rows = readFileSync(page, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (?:---|item )/u.test(line));
const idOf = (row: string): string => /^\| (\S+)/u.exec(row)?.[1] ?? row;
const cells = (row: string): readonly string[] =>
  row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** What was asked for (A and B), its faults (F), and what no other tool does (S). */
const items = { A: 18, B: 9, F: 13, S: 9 };
const expected = Object.entries(items).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_one, at) => `${letter}${at + 1}`),
);

test("every item has one row", () => {
  expect(rows.map(idOf)).toEqual(expected);
});

test.each(rows.map((row) => [idOf(row), row] as const))("%s lives where it says and has its tests", (_id, row) => {
  const [, does = "", where = "", shown = "", against = ""] = cells(row);
  expect(cells(row)).toHaveLength(5);
  expect([does, against]).not.toContain("");
  const places = [...where.matchAll(/`([^`]+)`/gu)].map(([, place = ""]) => place);
  expect(places).not.toEqual([]);
  expect(places.filter((place) => !existsSync(join(root, place)))).toEqual([]);
  const links = [...shown.matchAll(/\[([^\]]+)\]\((\.\.\/\.\.\/[^)]+\.test\.ts)\)/gu)];
  expect(links).not.toEqual([]);
  for (const [, words = "", path = ""] of links) {
    const file = join(dirname(page), path);
    expect([path, existsSync(file)]).toEqual([path, true]);
    expect([path, words, readFileSync(file, "utf8").includes(words)]).toEqual([path, words, true]);
  }
});
