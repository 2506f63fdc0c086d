import type { ReleaseId } from "@fairway/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { calm, longestPause, restartPause, shortestPause } from "./restart-pause.ts";

const release = "r1" as ReleaseId;
const look = 1000;

interface Life {
  readonly diedAt: number;
  readonly startedAt: number;
}

/** A service that lives as long as told each time it is started, looked at each second by a clock moved by hand. */
function lives(times: readonly number[]): readonly Life[] {
  const pause = restartPause(release);
  const seen: Life[] = [];
  let diesAt = times[0] ?? 0;
  let diedAt: number | null = null;
  for (let now = 0, life = 0; life < times.length; now += look) {
    // Nothing happens while it lives.
    if (diedAt === null) now = Math.max(now, Math.ceil(diesAt / look) * look);
    const lost = diedAt === null && now >= diesAt ? [{ replica: "a.0", reason: "exited with code 1" }] : [];
    if (lost.length > 0) diedAt = diesAt;
    const starts = diedAt !== null && pause.left(now) === 0;
    pause.looked({ ready: 0, lost, restarted: starts ? ["a.0"] : [], idle: [] }, now);
    expect(pause.waiting(now) === null, "whoever waits says so, and nobody else").toBe(diedAt === null || starts);
    if (!starts) continue;
    seen.push({ diedAt: diedAt as number, startedAt: now });
    diedAt = null;
    life++;
    diesAt = now + (times[life] ?? 0);
  }
  return seen;
}

const times = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 2 * calm }), fc.constant(0)),
  { minLength: 2, maxLength: 20 },
);

test("no service waits longer than the longest pause, or dies for good", () => {
  fc.assert(
    fc.property(times, (given) => {
      const seen = lives(given);
      expect(seen).toHaveLength(given.length);
      for (const { diedAt, startedAt } of seen) expect(startedAt - diedAt).toBeLessThanOrEqual(longestPause + look);
    }),
  );
});

test("one that dies after a calm time is started at the next look, and its pauses begin anew", () => {
  fc.assert(
    fc.property(times, (given) => {
      const [first, died, again] = lives([...given, calm + 1, 0]).slice(-3);
      if (!first || !died || !again) throw new Error("it was not started three times");
      expect(died.startedAt - died.diedAt).toBeLessThanOrEqual(look);
      expect(again.startedAt - again.diedAt).toBeLessThanOrEqual(shortestPause + look);
    }),
  );
});

test("between two starts without a calm time lies a pause that doubles, up to the longest", () => {
  fc.assert(
    fc.property(times, (given) => {
      let pause = 0;
      let before = -Infinity;
      for (const { startedAt } of lives(given)) {
        const apart = startedAt - before;
        expect(apart).toBeGreaterThanOrEqual(pause);
        pause = apart > calm ? shortestPause : Math.min(longestPause, pause * 2);
        before = startedAt;
      }
    }),
  );
});

test("one that dies at once is started 6 times in its first minute, and then once a minute", () => {
  const starts = lives(Array(70).fill(0)).map(({ startedAt }) => startedAt);
  expect(starts.filter((at) => at < 60_000)).toHaveLength(6);
  expect(starts.filter((at) => at >= 600_000 && at < 3_600_000)).toHaveLength(50);
});

test("it says why, when it is started, and what could not be done only once", () => {
  const pause = restartPause(release);
  const lost = [{ replica: "a.0", reason: "exited with code 1; its last lines:\nno database" }];
  expect(pause.looked({ ready: 0, lost, restarted: ["a.0"], idle: [] }, 0)).toEqual([
    "a.0 exited with code 1; its last lines:\nno database",
    "started again: a.0",
  ]);
  expect(pause.looked({ ready: 0, lost, restarted: [], idle: [] }, 300)).toEqual([
    "a.0 exited with code 1; its last lines:\nno database",
    "it died again soon, so it is started again in 1 s",
  ]);
  expect(pause.waiting(300)).toBe("a.0 exited with code 1; it is tried again in 1 s");
  expect(pause.failed(new Error("no room"), 1000)).toEqual(["could not be looked after: no room"]);
  expect(pause.left(1000)).toBe(2000);
  expect(pause.failed(new Error("no room"), 3000)).toEqual([]);
  expect(pause.waiting(3000)).toBe("could not be looked after: no room; it is tried again in 4 s");
  expect(pause.looked({ ready: 0, lost: [], restarted: ["a.0"], idle: [] }, 7000)).toEqual(["started again: a.0"]);
  expect(pause.waiting(7000)).toBeNull();
});
