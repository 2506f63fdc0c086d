import type { LogMarks } from "@fairway/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Group } from "./folds.ts";
import { foldedRows, groupsOf } from "./folds.ts";

const mark = (line: number, kind: LogMarks["marks"][number]["kind"], text = ""): LogMarks["marks"][number] => ({
  ...{ offset: line * 10, line, kind, text },
});

test("a group ends where it says so, where the next begins, or with the log", () => {
  const marks = [
    mark(2, "group", "one"),
    mark(3, "error"),
    mark(5, "endgroup"),
    mark(7, "group", "two"),
    mark(9, "group", "three"),
    mark(99, "group", "not there yet"),
  ];
  expect(groupsOf(marks, 12)).toEqual([
    { head: 2, last: 5, title: "one", errors: 1 },
    { head: 7, last: 8, title: "two", errors: 0 },
    { head: 9, last: 12, title: "three", errors: 0 },
  ]);
});

test("every line that is not folded away has its row, in order, and what is folded has that of its head", () => {
  const parts = fc.array(fc.record({ before: fc.nat(5), length: fc.nat(6), closed: fc.boolean() }), { maxLength: 12 });
  fc.assert(
    fc.property(parts, fc.nat(5), (given, after) => {
      const groups: (Group & { readonly closed: boolean })[] = [];
      let line = 1;
      for (const { before, length, closed } of given) {
        const head = line + before;
        groups.push({ head, last: head + length, title: "", errors: 0, closed });
        line = head + length + 1;
      }
      const count = line - 1 + after;
      const closed = groups.filter((group) => group.closed);
      const folds = foldedRows(count, closed);
      const shown = Array.from({ length: count }, (_, index) => index + 1).filter(
        (each) => !closed.some(({ head, last }) => each > head && each <= last),
      );
      expect(folds.rows).toBe(shown.length);
      expect(shown.map((_, row) => folds.lineOf(row))).toEqual(shown);
      expect(shown.map((each) => folds.rowOf(each))).toEqual(shown.map((_, row) => row));
      for (const { head, last } of closed)
        for (let each = head; each <= last; each++) expect(folds.rowOf(each)).toBe(folds.rowOf(head));
    }),
  );
});
