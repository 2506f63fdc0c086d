import { expect, test } from "vitest";
import { sentenceOf } from "./sentence-of.ts";

const next = { state: "ready", release: "r42", sentence: "production can take r42" } as const;

test("an environment at rest says what it can take, or why not", () => {
  expect(sentenceOf({ name: "production", moving: null, holder: null, next })).toBe("Production can take r42");
});

const holder = { run: "run-7", title: "Deploy r43 to production", release: "r43", paused: null };

test("one that is being changed says by what, and to which release", () => {
  expect(sentenceOf({ name: "production", moving: "run-7", holder, next })).toBe(
    "Production is being changed now, to r43 (run-7)",
  );
  expect(sentenceOf({ name: "production", moving: "run-8", holder: null, next })).toBe(
    "Production is being changed now, to run-8",
  );
});

test("one whose change is held says by whom, and why where they said so", () => {
  const held = (because: string | null): string => {
    const paused = { by: "ada", because, since: "2026-11-22T10:00:00.000Z" };
    return sentenceOf({ name: "production", moving: "run-7", holder: { ...holder, paused }, next });
  };
  expect(held(null)).toBe("Production stands still on its way to r43 (run-7): paused by ada");
  expect(held("a look at the graphs")).toBe(
    "Production stands still on its way to r43 (run-7): paused by ada (a look at the graphs)",
  );
});
