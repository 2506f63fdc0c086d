import assert from "node:assert/strict";
import { test } from "node:test";
import { isComplete, sentenceOf, type Block } from "../src/index.js";

const buy: Block = { indicator: "rsi", period: 14, crosses: "below", level: 30, action: "buy" };
const sell: Block = { indicator: "price", period: 1, crosses: "above", level: 70_000, action: "sell" };

test("a block reads as a sentence", () => {
  assert.equal(sentenceOf(buy), "Buy when the RSI over 14 days is below 30");
  assert.equal(sentenceOf(sell), "Sell when the price is above 70000");
});

test("a strategy needs a way in and a way out", () => {
  assert.equal(isComplete([buy, sell]), true);
  assert.equal(isComplete([buy, buy]), false);
  assert.equal(isComplete([]), false);
});
