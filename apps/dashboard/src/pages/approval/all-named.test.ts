import fc from "fast-check";
import { expect, test } from "vitest";
import { allNamed } from "./all-named.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9_.]{0,20}$/);

test("whoever types every name, in any order and with any space around, has named all", () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 6 }), (names) => {
      const typed = names
        .toReversed()
        .map((one) => `  ${one} `)
        .join("\n");
      expect(allNamed(names, typed)).toEqual({ possible: true });
    }),
  );
});

test("what is missing is told by its name", () => {
  expect(allNamed(["db.main", "net.a"], "net.a")).toEqual({
    possible: false,
    reason: "type what is taken away: db.main",
  });
});
