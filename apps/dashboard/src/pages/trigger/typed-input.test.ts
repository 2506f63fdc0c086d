import { expect, test } from "vitest";
import { typedInput } from "./typed-input.ts";

test("inputs have the type that the trigger asks for", () => {
  expect([typedInput("boolean", "true"), typedInput("number", "12"), typedInput("choice", "12")]).toEqual([
    true,
    12,
    "12",
  ]);
});

test("what does not fit stays as it was typed, so that the refusal can name it", () => {
  expect([typedInput("number", "many"), typedInput("number", ""), typedInput("boolean", "perhaps")]).toEqual([
    "many",
    "",
    "perhaps",
  ]);
});
