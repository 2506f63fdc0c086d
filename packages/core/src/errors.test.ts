import { expect, test } from "vitest";
import { FairwayError, codeOf, errorCodes, messageOf } from "./errors.ts";

test("an error that went over the wire is still known by its code and its sentence", () => {
  const error = new FairwayError("fenced", "a newer deployment has taken over", {
    hint: "look at it",
    retryable: true,
  });
  const replayed: unknown = JSON.parse(JSON.stringify(Object.assign({}, error, { message: error.message })));
  expect(codeOf(replayed)).toBe("fenced");
  expect(messageOf(replayed)).toBe("a newer deployment has taken over");
  expect(replayed).toMatchObject({ name: "FairwayError", hint: "look at it", retryable: true });
});

test("a code that is not ours is no code", () => {
  for (const thrown of [
    null,
    undefined,
    "fenced",
    { code: "ENOENT" },
    { code: "constructor" },
    { code: 7 },
    new Error("no"),
  ])
    expect(codeOf(thrown)).toBeUndefined();
});

test("whatever was thrown has a sentence", () => {
  expect(messageOf(new Error("no"))).toBe("no");
  expect(messageOf("no")).toBe("no");
  expect(messageOf(null)).toBe("null");
});

test("its cause is kept, and left out where there is none", () => {
  const cause = new Error("below");
  expect(new FairwayError("internal", "above", { cause }).cause).toBe(cause);
  expect("cause" in new FairwayError("internal", "above")).toBe(false);
});

test("every code has a sentence for people", () => {
  for (const [code, sentence] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^[a-z_]+$/);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  }
});
