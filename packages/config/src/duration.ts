import type { Millis } from "@fairway/core";

/** A span of time as people write it. */
export const durationForm: RegExp = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/u;

const units: Readonly<Record<string, Millis>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Timers of the runtime overflow at 24.8 days, and a deployment that may take a week is a mistake. */
export const longestDuration: Millis = 7 * 24 * 3_600_000;

/** The milliseconds of `250ms`, `2s`, `5m`, `1h` or of a number of them; undefined for anything else. */
export function millisOf(written: string | number): Millis | undefined {
  if (typeof written === "number") return written;
  const [, amount, unit] = durationForm.exec(written) ?? [];
  return amount === undefined || unit === undefined ? undefined : Math.round(Number(amount) * (units[unit] ?? 0));
}

/** The shortest way to write a span: `30s`, `10m`, `1500ms`. */
export function textOfMillis(millis: Millis): string {
  for (const [unit, size] of Object.entries(units).reverse())
    if (millis >= size && millis % size === 0) return `${millis / size}${unit}`;
  return `${millis}ms`;
}
