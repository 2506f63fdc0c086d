import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../model/json.ts";
import { mostLegs, unfoldMatrix } from "./unfold-matrix.ts";

const legs = (matrix: JsonObject) => {
  const unfolded = unfoldMatrix(matrix);
  return "legs" in unfolded ? unfolded.legs : unfolded.fault;
};

describe("a matrix", () => {
  test("is the product of its vectors, the last one moving fastest", () => {
    expect(legs({ a: [1, 2], b: ["x", "y"] })).toEqual([
      { a: 1, b: "x" },
      { a: 1, b: "y" },
      { a: 2, b: "x" },
      { a: 2, b: "y" },
    ]);
  });

  test("leaves out what exclude names, also by some of the keys and inside of mappings", () => {
    expect(legs({ a: [1, 2], b: [3, 4], exclude: [{ a: 1, b: 3 }, { b: 4 }] })).toEqual([{ a: 2, b: 3 }]);
    expect(legs({ a: [{ n: 1, m: 2 }, { n: 2 }], exclude: [{ a: { n: 1 } }] })).toEqual([{ a: { n: 2 } }]);
  });

  test("takes include as GitHub's documentation shows it", () => {
    const matrix = {
      fruit: ["apple", "pear"],
      animal: ["cat", "dog"],
      include: [
        { color: "green" },
        { color: "pink", animal: "cat" },
        { fruit: "apple", shape: "circle" },
        { fruit: "banana" },
        { fruit: "banana", animal: "cat" },
      ],
    };
    expect(legs(matrix)).toEqual([
      { fruit: "apple", animal: "cat", color: "pink", shape: "circle" },
      { fruit: "apple", animal: "dog", color: "green", shape: "circle" },
      { fruit: "pear", animal: "cat", color: "pink" },
      { fruit: "pear", animal: "dog", color: "green" },
      { fruit: "banana" },
      { fruit: "banana", animal: "cat" },
    ]);
  });

  test("of nothing but include has those legs", () => {
    expect(legs({ include: [{ a: 1 }, { b: 2 }] })).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test.each<[string, JsonObject, string]>([
    ["an empty vector", { a: [] }, "Matrix vector 'a' does not contain any values"],
    ["a vector that is none", { a: "x" }, "Matrix vector 'a' is not a list"],
    ["more than 256 legs", { a: numbers(17), b: numbers(16) }, "the matrix has more than 256 legs"],
    [
      "more legs than can be counted",
      { a: numbers(999), b: numbers(999), c: numbers(999) },
      "the matrix has more than 256 legs",
    ],
    ["257 included ones", { include: numbers(257).map((a) => ({ a })) }, "the matrix has more than 256 legs"],
    ["nothing left", { a: [1], exclude: [{ a: 1 }] }, "the matrix has no legs: everything is excluded"],
    ["an include of words", { a: [1], include: ["x"] }, "'include' and 'exclude' are lists of mappings"],
  ])("with %s is refused", (_, matrix, fault) => {
    expect(legs(matrix)).toBe(fault);
  });

  test("has as many legs as the product of its vectors, all different, and keeps every value of a vector", () => {
    const vector = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("a", "b", "c"), vector, { minKeys: 1 }), (matrix) => {
        const unfolded = legs(matrix);
        if (typeof unfolded === "string") return false;
        const product = Object.values(matrix).reduce((size, values) => size * values.length, 1);
        const different = new Set(unfolded.map((leg) => JSON.stringify(leg))).size;
        const all = Object.entries(matrix).every(([key, values]) =>
          values.every((value) => unfolded.some((leg) => leg[key] === value)),
        );
        return product <= mostLegs && unfolded.length === product && different === product && all;
      }),
    );
  });

  test("never changes the value of a vector by an include", () => {
    const value = fc.integer({ min: 0, max: 2 });
    const include = fc.array(fc.dictionary(fc.constantFrom("a", "b", "x"), value, { minKeys: 1 }), { maxLength: 4 });
    fc.assert(
      fc.property(include, (extra) => {
        const plain = legs({ a: [0, 1], b: [0, 1] }) as readonly JsonObject[];
        const unfolded = legs({ a: [0, 1], b: [0, 1], include: extra }) as readonly JsonObject[];
        return plain.every(({ a, b }, index) => unfolded[index]?.["a"] === a && unfolded[index]?.["b"] === b);
      }),
    );
  });
});

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
