import { expect, test } from "vitest";
import { namedQuestion } from "./named-question.ts";

const told = (): void => undefined;

test("a question with values gets a name, and the same text the same one", () => {
  const [once] = namedQuestion(["select $1::text", ["a"]]);
  const [again] = namedQuestion([{ text: "select $1::text", values: ["b"] }]);
  const [other] = namedQuestion(["select $1::int", [1]]);
  expect(once).toEqual({ name: expect.any(String), text: "select $1::text", values: ["a"] });
  expect(again).toEqual({ name: (once as { name: string }).name, text: "select $1::text", values: ["b"] });
  expect((other as { name: string }).name).not.toBe((once as { name: string }).name);
});

test("who is to be called with the answer stays where he was", () => {
  expect(namedQuestion(["select $1::text", ["a"], told]).at(-1)).toBe(told);
  expect(namedQuestion([{ text: "select $1::text", values: ["a"] }, told]).at(-1)).toBe(told);
});

test.each([
  ["what has no values", ["select 1; select 2"]],
  ["what has none in another form", [{ text: "listen there" }, told]],
  ["what has a name", [{ name: "mine", text: "select $1::text", values: ["a"] }]],
  ["a cursor", [{ text: "select $1::text", values: ["a"], submit: told }]],
])("%s is asked as it is", (_what, given) => {
  expect(namedQuestion(given)).toBe(given);
});
