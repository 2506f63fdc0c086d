import { expect, test } from "vitest";
import { inTime } from "./in-time.ts";

/** A question whose answer never comes: it ends when it is told to. */
const unanswered = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });
const wanted = (): AbortController => new AbortController();

test("an answer that comes is given", async () => {
  expect(await inTime(async () => 7, wanted().signal, 60_000)).toBe(7);
});

test("one that never comes is given up as something that may be asked again", async () => {
  await expect(inTime(unanswered, wanted().signal, 1)).rejects.toMatchObject({
    code: "deadline_passed",
    retryable: true,
  });
});

test("one that nobody wants any more ends for that reason, and a refusal stays what it is", async () => {
  const left = wanted();
  const asked = inTime(unanswered, left.signal, 60_000);
  left.abort(new Error("left the page"));
  await expect(asked).rejects.toThrow("left the page");
  await expect(inTime(() => Promise.reject(new Error("no")), wanted().signal, 60_000)).rejects.toThrow("no");
});
