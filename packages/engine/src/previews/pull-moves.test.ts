import type { ProjectPreviews } from "@fairway/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Preview } from "../store/previews.ts";
import type { KnownPull } from "../store/pulls.ts";
import type { PullFacts, PullMove } from "./pull-moves.ts";
import { pullMoves } from "./pull-moves.ts";

const settings: ProjectPreviews = {
  inherits: "staging",
  domain: "fairway.localhost",
  front: null,
  replicas: 1,
  variables: {},
  flags: null,
  database: { per: "database", copyOf: {}, seed: {} },
  pullRequests: true,
  forks: "approve",
  most: 2,
  sleepAfter: 1,
  endAfter: 2,
};
const pull = (number: number, more: Partial<KnownPull> = {}): KnownPull => ({
  number,
  title: `<script>alert(${number})</script>`,
  headRef: "$(id)",
  sha: "a".repeat(40),
  fromFork: false,
  openedBy: "dana",
  isOpen: true,
  isNews: true,
  ...more,
});

/** Carries moves out on rows as a database would. */
function carriedOut(live: readonly Preview[], moves: readonly PullMove[]): readonly Preview[] {
  let next = Math.max(0, ...live.map(({ id }) => id));
  let rows = live;
  for (const move of moves)
    switch (move.do) {
      case "open":
        next += 1;
        rows = [...rows, { id: next, turn: 1, approvedSha: null, ...move.preview } as Preview];
        break;
      case "change":
        rows = rows.map((row) => (row.id === move.preview.id ? ({ ...row, ...move.change } as Preview) : row));
        break;
      case "end":
        rows = rows.map((row) => (row.id === move.preview.id ? { ...row, state: "ending", endedFor: move.for } : row));
    }
  return rows;
}
const after = (facts: Partial<PullFacts>): readonly Preview[] => {
  const whole: PullFacts = { settings, pulls: [], live: [], ended: new Map(), ...facts };
  return carriedOut(whole.live, pullMoves(whole));
};
const shown = (rows: readonly Preview[]) => rows.map(({ name, state }) => `${name} ${state}`);

describe("a pull request", () => {
  test("gets a preview by its number alone, and the next waits where there is no room", () => {
    const rows = after({ pulls: [pull(1), pull(2), pull(3)] });
    expect(shown(rows)).toEqual(["pr-1 open", "pr-2 open", "pr-3 waiting"]);
    expect(rows[2]?.why).toContain("there are 2 previews already");
  });

  test("that waits gets its preview when one has ended, the oldest first", () => {
    const live = after({ pulls: [pull(1), pull(2), pull(3)] });
    const one = after({ live, pulls: [pull(2), pull(3)] });
    expect(shown(one)).toEqual(["pr-1 ending", "pr-2 open", "pr-3 waiting"]);
    const two = after({ live: one.filter(({ state }) => state !== "ending"), pulls: [pull(2), pull(3)] });
    expect(shown(two)).toEqual(["pr-2 open", "pr-3 open"]);
  });

  test("that was pushed to shows the new commit, awake and without what somebody said of the old one", () => {
    const [row] = after({
      live: after({ pulls: [pull(1)] }),
      pulls: [pull(1, { sha: "b".repeat(40) })],
    });
    expect(row).toMatchObject({ sha: "b".repeat(40), turn: 2, state: "open", asleepSince: null, deployRun: null });
  });

  test("from a fork asks for each commit again, and gets none where forks get none", () => {
    const asking = after({ pulls: [pull(1, { fromFork: true })] });
    expect(shown(asking)).toEqual(["pr-1 asking"]);
    const approved = asking.map((row): Preview => ({ ...row, state: "open", approvedSha: row.sha }));
    expect(shown(after({ live: approved, pulls: [pull(1, { fromFork: true })] }))).toEqual(["pr-1 open"]);
    const pushed = [pull(1, { fromFork: true, sha: "b".repeat(40) })];
    expect(shown(after({ live: approved, pulls: pushed }))).toEqual(["pr-1 asking"]);
    const never: ProjectPreviews = { ...settings, forks: "never" };
    expect(after({ settings: never, pulls: pushed })).toEqual([]);
    expect(shown(after({ settings: never, live: approved, pulls: pushed }))).toEqual(["pr-1 ending"]);
  });

  test("that nobody used comes back with another commit only, and one that was closed and opened again with the same", () => {
    const ended = (endedFor: Preview["endedFor"]) =>
      new Map([[1, { ...after({ pulls: [pull(1)] })[0], state: "ended", endedFor } as Preview]]);
    for (const cause of ["idle", "person"] as const) {
      expect(after({ pulls: [pull(1)], ended: ended(cause) })).toEqual([]);
      expect(shown(after({ pulls: [pull(1, { sha: "b".repeat(40) })], ended: ended(cause) }))).toEqual(["pr-1 open"]);
    }
    expect(shown(after({ pulls: [pull(1)], ended: ended("closed") }))).toEqual(["pr-1 open"]);
  });

  test("that was there before anybody listened gets none until something happens to it", () => {
    expect(after({ pulls: [pull(1, { isNews: false })] })).toEqual([]);
  });
});

test("whatever happens, told or not: what is open has one preview, within the limit, and what is not has none", () => {
  const world = fc.uniqueArray(
    fc.record({
      number: fc.integer({ min: 1, max: 5 }),
      sha: fc.constantFrom("a".repeat(40), "b".repeat(40)),
      fromFork: fc.boolean(),
    }),
    { selector: ({ number }) => number, maxLength: 5 },
  );
  fc.assert(
    fc.property(fc.array(world, { minLength: 1, maxLength: 6 }), (worlds) => {
      let live: readonly Preview[] = [];
      for (const open of worlds) {
        const pulls = open.map(({ number, ...more }) => pull(number, more));
        // What is to end has ended by the next look.
        live = after({ live: live.filter(({ state }) => state !== "ending"), pulls });
        expect(new Set(live.map(({ name }) => name)).size).toBe(live.length);
        const numbers = new Set(open.map(({ number }) => number));
        for (const row of live.filter(({ state }) => state !== "ending")) expect(numbers.has(row.pull ?? 0)).toBe(true);
        expect(live.filter(({ state }) => state === "open" || state === "asking").length).toBeLessThanOrEqual(2);
        for (const row of live.filter(({ state, fromFork }) => state === "open" && fromFork))
          expect(row.approvedSha).toBe(row.sha);
        // Once it has settled, looking again changes nothing.
        const seen = (of: readonly Preview[]): readonly Preview[] =>
          after({ live: of.filter(({ state }) => state !== "ending"), pulls });
        expect(pullMoves({ settings, pulls, live: seen(seen(live)), ended: new Map() })).toEqual([]);
      }
    }),
    { numRuns: 100 },
  );
});
