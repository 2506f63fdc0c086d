import { expect, test } from "vitest";
import { createBatch } from "./batch.ts";

/** Time that goes on when it is told to. */
function heldPace() {
  const frames: (() => void)[] = [];
  const rests: (() => void)[] = [];
  return {
    pace: {
      onFrame: (work: () => void) => void frames.push(work),
      after: (_: number, work: () => void) => void rests.push(work),
    },
    frame: () => frames.splice(0).forEach((work) => work()),
    rest: () => rests.splice(0).forEach((work) => work()),
  };
}

test("five hundred events in one frame are handed on once, each key with the newest", () => {
  const handed: (readonly string[])[] = [];
  const { pace, frame } = heldPace();
  const add = createBatch<string>(
    (items) => handed.push(items),
    (item) => item.slice(0, 1),
    100,
    pace,
  );
  for (let index = 0; index < 500; index++) add([`${index % 2 === 0 ? "a" : "b"}${index}`]);
  expect(handed).toEqual([]);
  frame();
  expect(handed).toEqual([["a498", "b499"]]);
});

test("what comes during the rest waits for it, and nothing is lost", () => {
  const handed: (readonly string[])[] = [];
  const { pace, frame, rest } = heldPace();
  const add = createBatch<string>(
    (items) => handed.push(items),
    (item) => item,
    100,
    pace,
  );
  add(["one"]);
  frame();
  add(["two"]);
  frame();
  expect(handed).toEqual([["one"]]);
  rest();
  frame();
  expect(handed).toEqual([["one"], ["two"]]);
  rest();
  add(["three"]);
  frame();
  expect(handed).toHaveLength(3);
});
