import fc from "fast-check";
import { expect, test } from "vitest";
import { readTap } from "./tap-report.ts";

const read = (text: string): ReturnType<typeof readTap> => readTap(text, (named) => named);

test("failed tests are told with what is written below them, and to do and skipped ones are not", () => {
  const found = read(
    [
      "TAP version 14",
      "1..4",
      "ok 1 - the shop opens",
      "not ok 2 - the total is right",
      "  ---",
      '  at: "src/total.test.js:3:5"',
      "  expected: 2",
      "  ...",
      "not ok 3 - later # TODO nobody did it",
      "ok 4 - elsewhere # SKIP no printer",
    ].join("\n"),
  );
  expect(found.tests).toBe(4);
  expect(found.annotations).toMatchObject([{ severity: "error", file: "src/total.test.js", line: 3, column: 5 }]);
  expect(found.annotations[0]?.message).toContain("the total is right");
  expect(found.annotations[0]?.message).toContain("expected: 2");
});

test("a plan that was not kept to and a bail out are failures, and another text is no report", () => {
  expect(read("1..3\nok 1\nok 2\n").annotations[0]?.message).toBe("3 tests were planned and 2 were run");
  expect(read("ok 1\nBail out! no database\n").annotations[0]?.message).toBe("Bail out! no database");
  expect(() => read("hello\n")).toThrow("not TAP");
  expect(() => read("  \n")).toThrow("empty");
});

test("of any results as many failures are told as there are", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 50 }), (results) => {
      const lines = results.map((well, index) => `${well ? "ok" : "not ok"} ${index + 1} - test ${index + 1}`);
      const { tests, annotations } = read(`1..${results.length}\n${lines.join("\n")}\n`);
      expect(tests).toBe(results.length);
      expect(annotations).toHaveLength(results.filter((well) => !well).length);
    }),
  );
});
