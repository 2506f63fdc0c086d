import { describe, expect, test } from "vitest";
import type { JsonValue } from "../model/json.ts";
import { type ExpressionCase, expressionCases } from "../testing/github-fixtures.ts";
import { evaluate, evaluateExpression, evaluateText, evaluateTexts, textOfJson } from "./evaluate.ts";

const cases = expressionCases();
// What the cases leave to the caller: GitHub's own test gives these too.
const functions = { success: () => true, failure: () => false, cancelled: () => false, hashFiles: () => "hash" };

/** Undefined when we say what GitHub says; otherwise the two. */
function disagreement({ expr, contexts, result, err }: ExpressionCase): string | undefined {
  try {
    const value = evaluateExpression(expr, contexts ?? {}, functions);
    if (err !== undefined) return `${expr}: GitHub refuses (${err.value}), we say ${JSON.stringify(value)}`;
    const expected = result?.value ?? null;
    const same = result?.kind === "Null" ? value === null : equal(value, expected as JsonValue, result?.kind);
    return same ? undefined : `${expr}: GitHub says ${JSON.stringify(expected)}, we say ${JSON.stringify(value)}`;
  } catch (thrown) {
    return err === undefined
      ? `${expr}: GitHub says ${JSON.stringify(result)}, we refuse: ${String(thrown)}`
      : undefined;
  }
}

function equal(one: JsonValue, other: JsonValue, kind: string | undefined): boolean {
  // GitHub writes numbers that JSON has no form for as texts.
  if (kind === "Number" && typeof other === "string") return textOfJson(one) === other;
  return JSON.stringify(one) === JSON.stringify(other);
}

describe("expressions mean what GitHub says", () => {
  test("in all of GitHub's 1,020 cases but one, whose bound on memory is another", () => {
    const disagreements = cases.flatMap((one) => {
      const words = disagreement(one);
      return words === undefined ? [] : [{ words, forOthers: one.options?.skip?.includes("typescript") }];
    });
    expect(cases).toHaveLength(1020);
    expect(disagreements).toEqual([{ words: expect.stringContaining("maximum allowed memory"), forOthers: true }]);
  });
});

describe("values of a workflow file", () => {
  const place = { line: 1, column: 1 };
  const expression = (source: string) => ({ kind: "expression", place, source }) as const;

  test("a property that is not there is null, and so is a context", () => {
    expect(evaluateExpression("github.no.such.thing", { github: {} })).toBeNull();
    expect(evaluateExpression("steps.build.outputs.x", {})).toBeNull();
    expect(evaluateText(expression("matrix.os"), {})).toBe("");
  });

  test("variables are told apart by case, everything else is not", () => {
    const contexts = { env: { path: "small", PATH: "large" }, github: { Ref: "main" } };
    expect(evaluateExpression("env.path", contexts)).toBe("small");
    expect(evaluateExpression("env.PATH", contexts)).toBe("large");
    expect(evaluateExpression("env.Path", contexts)).toBeNull();
    expect(evaluateExpression("github.ref", contexts)).toBe("main");
  });

  test("a key such as constructor or __proto__ is a key like any other", () => {
    const matrix = JSON.parse('{"constructor": 1, "__proto__": {"a": 2}}') as JsonValue;
    expect(evaluateExpression("matrix.constructor", { matrix })).toBe(1);
    expect(evaluateExpression("matrix.__proto__.a", { matrix })).toBe(2);
    expect(evaluateExpression("toJSON(matrix)", { matrix })).toBe(JSON.stringify(matrix, null, 2));
    expect(evaluateExpression("fromJSON('{\"constructor\": 3}').constructor", {})).toBe(3);
    expect(evaluateExpression("github.constructor", { github: {} })).toBeNull();
  });

  test("a mapping is computed entry by entry, and insert spreads one into it", () => {
    const literal = (text: string) => ({ kind: "literal", place, value: text, text }) as const;
    const template = {
      kind: "mapping",
      place,
      entries: [
        { key: literal("a"), value: expression("1 == 1") },
        { key: expression("format('{0}c', 'b')"), value: literal("x") },
        { key: expression("insert"), value: expression("fromJSON('{\"d\": 4}')") },
      ],
    } as const;
    expect(evaluate(template, {})).toEqual({ a: true, bc: "x", d: 4 });
    expect(evaluateTexts(template, {})).toEqual({ a: "true", bc: "x", d: "4" });
  });

  test("a list of a hundred thousand goes through", () => {
    const list = Array.from({ length: 100_000 }, (_, index) => index);
    expect(evaluateExpression("contains(github.list, 99999)", { github: { list } })).toBe(true);
    expect(evaluateExpression("fromJSON(toJSON(github.list))[99999]", { github: { list } })).toBe(99_999);
  });
});

describe("an expression that cannot be computed says why", () => {
  test.each([
    ["that ends too early", "1 <", /Unexpected end of expression/u],
    ["that names an unknown context", "nosuch.thing", /Unrecognized named-value: 'nosuch'/u],
    ["that calls an unknown function", "nosuch()", /Unrecognized function: 'nosuch'/u],
    ["that asks for an argument too many", "format('{1}', 1)", /more arguments than were supplied/u],
    ["that reads what is no JSON", "fromJSON('{')", /not JSON/u],
    ["that asks for files where there are none", "hashFiles('x')", /not available here/u],
    ["that is nested a hundred deep", "(".repeat(100), /Exceeded max expression depth/u],
    ["of 30,000 characters", "1".repeat(30_000), /ErrorExceededMaxLength/u],
  ])("%s", (_, source, words) => {
    expect(() => evaluateExpression(source, {})).toThrow(
      expect.objectContaining({ code: "expression_failed", message: expect.stringMatching(words) }),
    );
  });

  test("one that doubles itself forty times is stopped, not computed", () => {
    let source = "'0123456789'";
    for (let level = 0; level < 40; level++) source = `format('{0}{0}', ${source})`;
    expect(() => evaluateExpression(source, {})).toThrow(/maximum allowed memory/u);
  });

  test("the message does not show what fromJSON was given", () => {
    expect(() => evaluateExpression("fromJSON(secrets.KEY)", { secrets: { KEY: "hunter2" } })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
    );
  });
});
