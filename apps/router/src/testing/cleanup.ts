import { afterEach, vi } from "vitest";

const undo: (() => unknown)[] = [];

/** Has something ended when the test is over, last first. */
export function atEnd(end: () => unknown): void {
  undo.push(end);
}

afterEach(async () => {
  for (let end = undo.pop(); end !== undefined; end = undo.pop()) await end();
});

/** Waits until something has come about that tells nobody. */
export const eventually = (condition: () => boolean): Promise<boolean> =>
  vi.waitUntil(condition, { interval: 5, timeout: 15_000 });
