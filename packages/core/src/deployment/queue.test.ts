import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunId } from "../ids.ts";
import type { CommitOrder, QueueRule, Waiter } from "./queue.ts";
import { isNewer, overtakenBy, queueRuleOf, turnOf } from "./queue.ts";

const waiter = (number: number, more: Partial<Waiter> = {}): Waiter => ({
  run: `run-${number}` as RunId,
  title: `deploy r${number}`,
  place: number,
  urgent: false,
  order: { committedAt: new Date(number * 1000).toISOString(), number },
  yields: true,
  supersededBy: null,
  ...more,
});
const orderOf = (one: Waiter): CommitOrder => one.order as CommitOrder;
const free = { environment: "staging", holder: null, manual: null, current: null };

test("the newest is the rule where deployments happen by themselves and nobody is asked", () => {
  expect(queueRuleOf({ deploys: "automatically", approvals: 0 })).toBe("newest");
  expect(queueRuleOf({ deploys: "automatically", approvals: 1 })).toBe("all");
  expect(queueRuleOf({ deploys: "on-request", approvals: 0 })).toBe("all");
  expect(queueRuleOf({ deploys: "on-request", approvals: 2, queue: "newest" })).toBe("newest");
});

test("a newer commit overtakes the older ones that wait, and no way back", () => {
  const waiting = [waiter(1), waiter(2, { urgent: true }), waiter(3)];
  expect(overtakenBy(waiter(4), waiting, "newest")).toEqual(["run-1", "run-3"]);
  expect(overtakenBy(waiter(4), waiting, "all")).toEqual([]);
  expect(overtakenBy(waiter(4, { urgent: true }), waiting, "newest")).toEqual([]);
});

test("an older commit that comes late gives way to what waits and to what runs, unless a person asked for it", () => {
  const late = waiter(1, { place: 9 });
  const current = { run: "run-5" as RunId, order: orderOf(waiter(5)) };
  expect(turnOf(late, [waiter(5), late], "newest", free)).toEqual({ turn: "never", supersededBy: "run-5" });
  expect(turnOf(late, [late], "newest", { ...free, current })).toEqual({ turn: "never", supersededBy: "run-5" });
  expect(turnOf(late, [late], "all", { ...free, current })).toEqual({ turn: "now" });
  const asked = waiter(1, { place: 9, yields: false });
  expect(turnOf(asked, [asked], "newest", { ...free, current })).toEqual({ turn: "now" });
});

test("while a newer commit is being deployed an older one waits, since that may still be taken back", () => {
  const holder = { run: "run-5" as RunId, title: "deploy r5", since: "2026-01-01T00:00:00.000Z" };
  const late = waiter(1, { place: 9 });
  expect(turnOf(late, [late], "newest", { ...free, holder })).toMatchObject({ turn: "later" });
});

const waiters = fc
  .uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
  .chain((commits) =>
    fc.tuple(
      fc.constant(commits),
      fc.array(fc.record({ urgent: fc.boolean(), yields: fc.boolean() }), {
        minLength: commits.length,
        maxLength: commits.length,
      }),
    ),
  )
  .map(([commits, more]) => commits.map((commit, at) => waiter(commit, { place: at, ...more[at] })));

test("whatever waits, somebody has the next turn, never two, and under the newest rule it is not an older commit", () => {
  fc.assert(
    fc.property(waiters, fc.constantFrom<QueueRule>("all", "newest"), (came, rule) => {
      let waiting: readonly Waiter[] = [];
      for (const one of came) {
        waiting = [...waiting, one];
        const gone = new Set(overtakenBy(one, waiting, rule));
        waiting = waiting.map((other) => (gone.has(other.run) ? { ...other, supersededBy: one.run } : other));
      }
      const decided = waiting.map((one) => ({ one, ...turnOf(one, waiting, rule, free) }));
      const now = decided.filter(({ turn }) => turn === "now").map(({ one }) => one);
      expect(now).toHaveLength(1);
      const never = decided.filter(({ turn }) => turn === "never").map(({ one }) => one);
      expect(never.filter(({ urgent }) => urgent || rule === "all")).toEqual([]);
      const older = now.filter(({ urgent, yields }) => rule === "newest" && yields && !urgent);
      const newer = older.flatMap((one) =>
        waiting.filter((other) => !other.urgent && isNewer(orderOf(other), orderOf(one))),
      );
      expect(newer).toEqual([]);
    }),
  );
});
