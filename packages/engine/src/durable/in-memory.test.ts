import { FairwayError } from "@fairway/core";
import { expect, test } from "vitest";
import type { Stage } from "../runs/stage.ts";
import { inMemoryAttempt } from "./in-memory.ts";

const ok = { outcome: "succeeded", result: null } as const;

test("after a crash recorded steps are not done again, and the one under way is", async () => {
  let stuck = true;
  const stage: Stage = {
    name: "build",
    async run(attempt) {
      const first = await attempt.step("first", async () => ({ at: 1 }));
      await attempt.step("second", async () => (stuck ? new Promise<null>(() => {}) : null));
      return { outcome: "succeeded", result: first };
    },
  };
  const attempt = inMemoryAttempt(stage);
  void attempt.execute();
  await expect.poll(() => attempt.begun).toEqual(["first", "second"]);
  attempt.crash();
  stuck = false;
  expect(await attempt.execute()).toEqual({ outcome: "succeeded", result: { at: 1 } });
  expect(attempt.begun).toEqual(["first", "second", "second"]);
  expect(attempt.recorded).toEqual(["first", "second"]);
});

test("what a step returned before a crash comes back as the JSON that it was", async () => {
  const found: unknown[] = [];
  const attempt = inMemoryAttempt({
    name: "x",
    async run(each) {
      found.push(await each.step("one", async () => [1, "two", { three: null }]));
      return ok;
    },
  });
  await attempt.execute();
  await attempt.execute();
  expect(found).toEqual([found[0], found[0]]);
});

test("once it must stop, the step under way ends and no further one begins", async () => {
  const attempt = inMemoryAttempt({
    name: "x",
    async run(each) {
      await each.step("one", async () => attempt.abort("stop") ?? null);
      await each.step("two", async () => null);
      return ok;
    },
  });
  await expect(attempt.execute()).rejects.toMatchObject({ code: "not_allowed_now" });
  expect(attempt.recorded).toEqual(["one"]);
});

test("told to let go, a step that throws for that is not recorded, and is done again by whoever goes on", async () => {
  let times = 0;
  const attempt = inMemoryAttempt({
    name: "x",
    async run(each) {
      await each.step("one", async () => {
        if (++times > 1) return null;
        attempt.abort("let-go");
        throw each.signal.reason;
      });
      return ok;
    },
  });
  void attempt.execute();
  await expect.poll(() => times).toBe(1);
  attempt.crash();
  expect(await attempt.execute()).toEqual(ok);
  expect(attempt.recorded).toEqual(["one"]);
});

test("two steps at a time are refused, and a token without the environment is", async () => {
  const attempt = inMemoryAttempt(
    {
      name: "x",
      async run(each) {
        const both = await Promise.allSettled([each.step("a", async () => null), each.step("b", async () => null)]);
        expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
        expect((await each.token("staging/api")).epoch).toBeLessThan((await each.token("staging/api")).epoch);
        attempt.loseEnvironment();
        await each.token("staging/api");
        return ok;
      },
    },
    { holds: "staging" },
  );
  await expect(attempt.execute()).rejects.toBeInstanceOf(FairwayError);
  expect(attempt.tokens.map(({ epoch }) => epoch)).toEqual([1, 2]);
});
