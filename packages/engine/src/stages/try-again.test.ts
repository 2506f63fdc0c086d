import { FairwayError } from "@fairway/core";
import { expect, test } from "vitest";
import { tryAgain } from "./try-again.ts";

const away = new FairwayError("registry_unavailable", "could not push web: it does not answer", { retryable: true });

/** Fails so, this often, and then is done. */
function failing(error: FairwayError, times: number): { readonly work: () => Promise<string>; tried: number } {
  const all = {
    tried: 0,
    work: async () => {
      if (all.tried++ < times) throw error;
      return "done";
    },
  };
  return all;
}

test("what a registry did not answer is asked for again, and people see why it takes so long", async () => {
  const [said, pushed]: [string[], ReturnType<typeof failing>] = [[], failing(away, 2)];
  const attempt = { signal: new AbortController().signal, progress: (text: string): void => void said.push(text) };
  expect(await tryAgain(attempt, pushed.work, [1, 2, 3])).toBe("done");
  expect(pushed.tried).toBe(3);
  expect(said).toEqual([1, 2].map((pause) => `${away.message}; tries again in ${pause / 1_000} s`));
});

test("it is not asked for ever, and the last error is told", async () => {
  const pushed = failing(away, 9);
  const attempt = { signal: new AbortController().signal, progress: (): void => {} };
  await expect(tryAgain(attempt, pushed.work, [1, 1])).rejects.toBe(away);
  expect(pushed.tried).toBe(3);
});

test.each([
  ["registry_refused", false],
  ["command_failed", true],
  ["disk_full", true],
] as const)("%s is told at once, also where it may be tried again by a person", async (code, retryable) => {
  const refused = failing(new FairwayError(code, "no", { retryable }), 9);
  const attempt = { signal: new AbortController().signal, progress: (): void => {} };
  await expect(tryAgain(attempt, refused.work)).rejects.toMatchObject({ code });
  expect(refused.tried).toBe(1);
});

test("an attempt that is to stop does not wait", async () => {
  const stop = new AbortController();
  const pushed = failing(away, 9);
  await expect(tryAgain({ signal: stop.signal, progress: () => stop.abort() }, pushed.work)).rejects.toBe(away);
  expect(pushed.tried).toBe(1);
});
