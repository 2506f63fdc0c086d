import { afterEach } from "vitest";

const undo: (() => unknown)[] = [];

/** Has something ended when the test is over, last first. */
export function atEnd(end: () => unknown): void {
  undo.push(end);
}

afterEach(async () => {
  for (let end = undo.pop(); end !== undefined; end = undo.pop()) await end();
});
