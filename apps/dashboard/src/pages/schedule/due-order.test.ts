import { expect, test } from "vitest";
import { dueOrder } from "./due-order.ts";

test("what is due first stands first, and what the clock does not start is left out", () => {
  const all = [
    { name: "nightly", next: "2026-11-23T02:00:00.000Z" },
    { name: "push", next: null },
    { name: "hourly", next: "2026-11-22T18:00:00.000Z" },
    { name: "also hourly", next: "2026-11-22T18:00:00.000Z" },
  ];
  expect(dueOrder(all).map(({ name }) => name)).toEqual(["also hourly", "hourly", "nightly"]);
});
