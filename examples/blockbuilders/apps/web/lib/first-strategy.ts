import type { Block } from "@blockbuilders/blocks";

/** What a visitor sees before they have built anything. */
export const firstStrategy: readonly Block[] = [
  { indicator: "rsi", period: 14, crosses: "below", level: 30, action: "buy" },
  { indicator: "rsi", period: 14, crosses: "above", level: 70, action: "sell" },
];
