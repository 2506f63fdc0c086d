import type { Route } from "@fairway/core";
import { windowOf } from "./admission-lines.ts";

const longestSpan = 86_400_000;
const held = new Set(["requestRate", "bodyBytes", "headBytes", "answerWithin"]);

const isCount = (value: number | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isSpan = (value: number): boolean => isCount(value) && value > 0 && value <= longestSpan;

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 40);

/** What of a route's limits HAProxy cannot hold, as sentences. What it is given and does not hold would be no limit. */
export function limitProblems({ httpsOnly, limits = {}, maintenance }: Route): readonly string[] {
  const problems: string[] = [];
  const { requestRate, bodyBytes, headBytes, answerWithin } = limits;
  if (httpsOnly !== undefined && typeof httpsOnly !== "boolean") problems.push("httpsOnly is neither true nor false");
  for (const name of Object.keys(limits)) {
    if (!held.has(name)) problems.push(`HAProxy cannot hold the limit ${name.slice(0, 40)}`);
  }
  for (const [name, bytes] of Object.entries({ bodyBytes, headBytes })) {
    if (bytes !== undefined && !isCount(bytes)) problems.push(`${name} ${shown(bytes)} is not a number of bytes`);
  }
  if (answerWithin !== undefined && !isSpan(answerWithin)) problems.push(`answerWithin ${answerWithin} is no time`);
  if (requestRate !== undefined) {
    const { perSecond, burst } = requestRate;
    const window = isCount(burst) && burst > 0 && perSecond > 0 ? windowOf(requestRate) : Number.NaN;
    if (!isSpan(window)) {
      problems.push(
        `HAProxy cannot hold the requestRate of ${perSecond} a second and ${burst} at once: it counts over the time of one burst, which must be from 1 ms to a day`,
      );
    }
  }
  if (maintenance === undefined) return problems;
  const { message, retryAfter = 1 } = maintenance;
  if (typeof message !== "string" || message === "" || message.length > 500) {
    problems.push("the maintenance message is empty or longer than 500 characters");
  }
  if (!isCount(retryAfter) || retryAfter < 1) problems.push(`maintenance retryAfter ${retryAfter} is no time`);
  return problems;
}
