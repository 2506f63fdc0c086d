import fc from "fast-check";
import { expect, test } from "vitest";
import { nextTurn } from "./turns.ts";

test("whenever it is asked, a node gets no more than a second's worth above its rate, in any time", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 120 }),
      (perSecond, pauses) => {
        let [free, now] = [0, 10_000];
        const asked = pauses.map((pause) => {
          now += pause;
          const turn = nextTurn(free, now, perSecond);
          ({ free } = turn);
          return now + turn.wait;
        });
        for (const [first, from] of asked.entries())
          for (const [last, until] of asked.entries()) {
            if (last < first) continue;
            const most = perSecond + (perSecond * (until - from)) / 1_000 + 1;
            expect(last - first + 1).toBeLessThanOrEqual(most + 0.001);
          }
      },
    ),
    { numRuns: 50 },
  );
});

test("who asks seldom never waits", () => {
  let free = 0;
  for (let now = 5_000; now < 20_000; now += 500) {
    const turn = nextTurn(free, now, 2);
    expect(turn.wait).toBe(0);
    ({ free } = turn);
  }
});
