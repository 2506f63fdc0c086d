import { afterEach, vi } from "vitest";

const undo: (() => unknown)[] = [];

/** Has something ended when the test is over, last first. */
export function atEnd(end: () => unknown): void {
  undo.push(end);
}

/** What a test may not leave behind: sockets, listeners and processes. */
const leftBehind = (): readonly string[] =>
  process.getActiveResourcesInfo().filter((kind) => /^(TCP|Process)/.test(kind));

afterEach(async () => {
  for (let end = undo.pop(); end !== undefined; end = undo.pop()) await end();
  await eventually(() => leftBehind().length === 0).catch(() => {
    throw new Error(`the test left behind: ${leftBehind().join(", ")}`);
  });
});

/** Waits until something has come about that tells nobody. */
export const eventually = (condition: () => boolean): Promise<boolean> =>
  vi.waitUntil(condition, { interval: 5, timeout: 60_000 });
