import fc from "fast-check";
import { expect, test } from "vitest";
import { type Annotation, countsOf, keepAnnotations, placeOfAnnotation } from "./annotation.ts";

const text = fc.string({ unit: "binary", maxLength: 300 });
const number = fc.option(fc.oneof(fc.integer(), fc.double()));
const annotation: fc.Arbitrary<Annotation> = fc.record({
  severity: fc.constantFrom("error", "warning", "notice"),
  file: fc.option(text),
  line: number,
  column: number,
  rule: fc.option(text),
  message: text,
});
const plain: Annotation = { severity: "error", file: null, line: null, column: null, rule: null, message: "no" };

test("whatever was found, all of it is counted and what is kept can be stored and shown", () => {
  fc.assert(
    fc.property(fc.array(annotation, { maxLength: 40 }), (found) => {
      const { kept, errors, warnings, notices } = keepAnnotations(found);
      expect(errors + warnings + notices).toBe(found.length);
      for (const { file, line, column, rule, message } of kept) {
        for (const shown of [file, rule, message].filter((each) => each !== null)) {
          expect(shown.isWellFormed()).toBe(true);
          expect(shown).not.toMatch(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
          expect(shown).not.toBe("");
        }
        for (const counted of [line, column].filter((each) => each !== null)) {
          expect(Number.isInteger(counted) && counted >= 1).toBe(true);
          expect(file).not.toBeNull();
        }
      }
    }),
  );
});

test("of very many the errors are kept, and their messages are cut", () => {
  const warnings = Array.from({ length: 5000 }, (_, index) => ({
    ...plain,
    severity: "warning" as const,
    message: `${index}`,
  }));
  const found = keepAnnotations([...warnings, { ...plain, message: "x".repeat(1_000_000) }]);
  expect(found).toMatchObject({ errors: 1, warnings: 5000 });
  expect(found.kept).toHaveLength(200);
  expect(found.kept[0]?.message).toHaveLength(2000);
  expect(found.kept[0]?.message.endsWith("x…")).toBe(true);
  const long = keepAnnotations(Array.from({ length: 200 }, () => ({ ...plain, message: "y".repeat(5000) })));
  expect(JSON.stringify(long).length).toBeLessThan(100_000);
  expect(long.errors).toBe(200);
});

test("colours and what would move a terminal's cursor are gone, lines are kept", () => {
  const [kept] = keepAnnotations([
    { ...plain, file: "a\u001b[31m.ts", message: "\u001b]0;owned\u0007one\r\n\u001b[2Jtwo\u0000\u202e" },
  ]).kept;
  expect(kept).toMatchObject({ file: "a.ts", message: "one\ntwo" });
});

test("counts and places are said in words", () => {
  expect(countsOf({ kept: [], errors: 1, warnings: 2, notices: 0 })).toBe("1 error and 2 warnings");
  expect(countsOf(keepAnnotations([]))).toBe("nothing");
  expect(placeOfAnnotation({ ...plain, file: "a.ts", line: 3, column: null })).toBe("a.ts:3");
  expect(placeOfAnnotation(plain)).toBe("");
});
