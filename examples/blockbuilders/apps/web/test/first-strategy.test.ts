import assert from "node:assert/strict";
import { test } from "node:test";
import { isComplete } from "@blockbuilders/blocks";
import { firstStrategy } from "../lib/first-strategy";

test("what a visitor sees first is a whole strategy", () => {
  assert.equal(isComplete(firstStrategy), true);
});
