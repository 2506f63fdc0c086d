/** One block of a strategy: an indicator compared with a level, and what to do then. */
export interface Block {
  readonly indicator: "price" | "sma" | "rsi";
  readonly period: number;
  readonly crosses: "above" | "below";
  readonly level: number;
  readonly action: "buy" | "sell";
}

const names = { price: "the price", sma: "the moving average", rsi: "the RSI" } as const;

/** A block as a sentence for people. */
export function sentenceOf({ indicator, period, crosses, level, action }: Block): string {
  const over = indicator === "price" ? "" : ` over ${period} days`;
  return `${action === "buy" ? "Buy" : "Sell"} when ${names[indicator]}${over} is ${crosses} ${level}`;
}

/** Whether blocks can open a position and close it again. */
export const isComplete = (blocks: readonly Block[]): boolean =>
  blocks.some(({ action }) => action === "buy") && blocks.some(({ action }) => action === "sell");
