import { expect, test } from "vitest";
import type { SecretScope } from "../model/plan.ts";
import { secretsWithin } from "./secrets-within.ts";

const place = { line: 1, column: 1 };
const secrets = { KEY: "k", OTHER: "o", GITHUB_TOKEN: "t" };

function some(name: string, source: string): SecretScope {
  const key = { kind: "literal", place, value: name, text: name } as const;
  return {
    pass: "some",
    secrets: { kind: "mapping", place, entries: [{ key, value: { kind: "expression", place, source } }] },
    contexts: {},
  };
}

test("a job of the run's own file gets all secrets, and so does one of a workflow that inherits", () => {
  expect(secretsWithin([], secrets)).toEqual(secrets);
  expect(secretsWithin([{ pass: "all" }, { pass: "all" }], secrets)).toEqual(secrets);
});

test("a called workflow that is given nothing gets nothing but the token", () => {
  expect(secretsWithin([{ pass: "none" }], secrets)).toEqual({ GITHUB_TOKEN: "t" });
  expect(secretsWithin([{ pass: "none" }, { pass: "all" }], secrets)).toEqual({ GITHUB_TOKEN: "t" });
});

test("what is handed on has the name that the caller gives it, and goes on from there", () => {
  expect(secretsWithin([some("deploy-key", "secrets.KEY")], secrets)).toEqual({ GITHUB_TOKEN: "t", "deploy-key": "k" });
  expect(
    secretsWithin([some("inner", "secrets.KEY"), some("innermost", "format('<{0}>', secrets.inner)")], secrets),
  ).toEqual({
    GITHUB_TOKEN: "t",
    innermost: "<k>",
  });
});

test("a secret that the caller has not got is handed on empty", () => {
  expect(secretsWithin([some("x", "secrets.NO")], secrets)).toEqual({ GITHUB_TOKEN: "t", x: "" });
});
