import type { CommitHistory, Forge, ForgeEvent, Project, Repository, Trigger } from "@fairway/core";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { keepDelivery } from "../store/deliveries.ts";
import { knownRefs } from "../store/known-refs.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { listFirings } from "../store/trigger-firings.ts";
import { fireSchedules } from "./fire-schedules.ts";
import { movesSince } from "./moves-since.ts";
import type { TakeParts } from "./take-deliveries.ts";
import { takeDeliveries, takeEvent } from "./take-deliveries.ts";

let store: Store;
storeForTests((opened) => void (store = opened));
beforeEach(() =>
  store.rows("truncate fairway.deliveries, fairway.known_refs, fairway.trigger_firings, fairway.trigger_slots"),
);

const sha = (number: number): string => number.toString(16).padStart(40, "0");
const trigger = (name: string, on: Trigger["on"]): Trigger => ({
  name,
  on,
  inputs: [],
  starts: { kind: "deploy", environment: "staging" },
});
const main: Trigger["on"][number] = { kind: "push", branches: { ignore: false, patterns: ["main"] }, paths: null };

/** A repository of one branch, whose commits are numbers that grow. */
let tip = 1;
const projectWith = (triggers: readonly Trigger[]): Project => ({
  name: "story",
  services: [],
  environments: [],
  triggers,
});
const history: CommitHistory = {
  tip: async (ref) => (ref === "refs/heads/main" ? sha(tip) : null),
  defaultBranch: async () => "main",
  isAncestor: async (one, other) => one <= other,
  tagsAt: async () => [],
  filesIn: async () => [],
  messageOf: async () => "Change it",
};
const forge: Forge = {
  name: "git",
  takes: new Set(),
  lookEvery: 1000,
  readDelivery: async () => ({ accepted: false, status: 404, why: "no" }),
  fetch: async () => undefined,
  look: async () => ({ refs: new Map([["refs/heads/old", sha(1)]]), pulls: [] }),
  report: async () => ({ outcome: "refused", why: "no" }),
};
const parts = (triggers: readonly Trigger[] = [trigger("staging", [main])]): TakeParts => ({
  store,
  repository: { changedPaths: async () => undefined } as unknown as Repository,
  history,
  forge,
  read: { branch: "main", sha: sha(tip), project: projectWith(triggers), problem: null },
  workflows: false,
});
const pushOf = (before: number, after: number): ForgeEvent => ({
  kind: "push",
  name: "push",
  by: "dana",
  payload: null,
  ref: "refs/heads/main",
  before: sha(before),
  after: sha(after),
  message: "Change it",
});
const firedShas = async (): Promise<readonly (string | null)[]> =>
  (await listFirings(store, { limit: 500 })).map((firing) => firing.sha).toReversed();
test("who pushed is kept with what fires, with the address that the forge tells, so that they do not approve it", async () => {
  await takeEvent(parts(), { ...pushOf(0, 1), payload: { pusher: { name: "dana", email: "dana@example.com" } } }, null);
  const [firing] = await listFirings(store, { limit: 1 });
  expect(firing?.asked).toEqual({ sender: { name: "dana", email: "dana@example.com" } });
});

const takeAll = async (): Promise<void> => {
  for (;;) {
    await takeDeliveries(store, async () => parts());
    const [open] = await store.rows("select 1 from fairway.deliveries where state = 'new'");
    if (open === undefined) return;
  }
};

test("a delivery is kept once by its number and once by its body, and a number that says something else is a conflict", async () => {
  const delivery = { forge: "github", delivery: "d-1", bodyHash: "h1", event: pushOf(1, 2) };
  expect(await keepDelivery(store, delivery)).toBe("new");
  expect(await keepDelivery(store, delivery)).toBe("known");
  // Replayed under a number of its own: the number is not signed.
  expect(await keepDelivery(store, { ...delivery, delivery: "d-2" })).toBe("known");
  expect(await keepDelivery(store, { ...delivery, bodyHash: "h2" })).toBe("conflict");
  const [{ count } = { count: 0 }] = await store.rows<{ count: number }>(
    "select count(*)::int as count from fairway.deliveries",
  );
  expect(count).toBe(1);
});

test("however pushes are shuffled, repeated and found by looking, each fires once and the newest is what is known", async () => {
  const runs = process.env["FAIRWAY_LOAD"] === "full" ? 200 : 4;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }).chain((most) =>
        fc.tuple(
          fc.constant(most),
          fc.shuffledSubarray(
            Array.from({ length: most * 2 }, (_one, index) => index),
            { minLength: 1 },
          ),
          fc.nat(),
        ),
      ),
      async ([most, order, look]) => {
        await store.rows("truncate fairway.deliveries, fairway.known_refs, fairway.trigger_firings");
        tip = most + 1;
        const told = order.map((index) => 2 + (index % most));
        for (const [place, number] of told.entries()) {
          await keepDelivery(store, {
            forge: "git",
            delivery: `d-${place}`,
            bodyHash: `h-${number}`,
            event: pushOf(number - 1, number),
          });
          if (place === look % told.length) await takeAll();
        }
        await takeAll();
        const moves = movesSince(await knownRefs(store, "git"), {
          refs: new Map([
            ["refs/heads/main", sha(tip)],
            ["refs/heads/old", sha(1)],
          ]),
          pulls: [],
        });
        for (const move of moves) await takeEvent(parts(), move.event, move);
        const fired = await firedShas();
        expect(new Set(fired).size).toBe(fired.length);
        expect(new Set(fired)).toEqual(new Set([...told, tip].map(sha)));
        expect((await knownRefs(store, "git")).get("refs/heads/main")).toBe(sha(tip));
      },
    ),
    { numRuns: runs },
  );
});

test("what was there before anybody listened starts nothing, and a ref that is no name is told so", async () => {
  tip = 2;
  await keepDelivery(store, { forge: "git", delivery: "d-1", bodyHash: "h", event: pushOf(1, 2) });
  await keepDelivery(store, {
    forge: "git",
    delivery: "d-2",
    bodyHash: "h2",
    event: { ...pushOf(1, 2), ref: "ext::sh -c touch% pwned" } as ForgeEvent,
  });
  await takeAll();
  expect(await firedShas()).toEqual([sha(2)]);
  expect((await knownRefs(store, "git")).get("refs/heads/old")).toBe(sha(1));
  const [bad] = await store.rows<{ why: string }>("select why from fairway.deliveries where delivery = 'd-2'");
  expect(bad?.why).toContain("names no branch and no tag");
});

test("a schedule fires each time once, also by two at once, and after a pause once for all; summer time misses no night", async () => {
  const nightly = trigger("nightly", [
    { kind: "schedule", cron: "30 2 * * *", timezone: "Europe/Berlin", catchUp: true },
  ]);
  const read = parts([nightly]).read;
  const at = (now: string) =>
    fireSchedules({ store, history, repository: parts().repository, read, now: new Date(now) });
  // New: it has missed nothing.
  await at("2026-03-27T12:00:00Z");
  // Two nights, the second of which has no half past two; then one that is missed with two before it.
  for (const now of ["2026-03-28T01:30:10Z", "2026-03-29T01:30:10Z", "2026-03-30T00:30:10Z"])
    await Promise.all([at(now), at(now)]);
  await at("2026-04-02T08:00:00Z");
  // The clock goes back.
  await at("2026-03-30T12:00:00Z");
  const fired = (await listFirings(store, { limit: 50 })).toReversed();
  expect(fired.map(({ why }) => why.replace(/^.*came due at /, ""))).toEqual([
    "2026-03-28T01:30:00.000Z",
    expect.stringMatching(/^2026-03-29T01:[03]0:00\.000Z$/),
    "2026-03-30T00:30:00.000Z",
    "2026-04-02T00:30:00.000Z; it makes up for 2 before that were missed",
  ]);
});
