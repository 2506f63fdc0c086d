import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Argv, Environment, Release, ReleaseId, Repository } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import { checkResultById, listCheckResults } from "../store/check-results.ts";
import { listJourneyWorkers } from "../store/journey-workers.ts";
import type { Store } from "../store/store.ts";
import { listTurns } from "../store/synthetic-turns.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { JourneysElsewhere } from "./journeys-elsewhere.ts";
import { journeysElsewhere } from "./journeys-elsewhere.ts";
import type { SyntheticKeeper } from "./synthetic-keeper.ts";
import { syntheticKeeper } from "./synthetic-keeper.ts";

let store: Store;
let keeper: SyntheticKeeper;
let elsewhere: JourneysElsewhere;
let place: string;
let release = releaseNamed("r1");
storeForTests(async (opened) => void (store = opened));

function releaseNamed(id: string): Release {
  const journey = {
    name: "buy",
    argv: ["fairway-check", "journey", "buy.yaml"] as Argv,
    directory: ".",
    timeout: 1_000,
    env: { WORD: { secret: "WORD" }, PLAIN: "p" },
    every: 3_600_000,
    locations: ["frankfurt"],
  };
  const environment = {
    ...{ name: "staging", url: "http://shop.example", placements: [], variables: {}, verify: [] },
    synthetics: [journey],
  };
  return {
    id: id as ReleaseId,
    revision: { sha: "c".repeat(40) },
    project: { services: [], environments: [environment as unknown as Environment] },
  } as unknown as Release;
}

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "fairway-keeper-"));
  const parts = {
    store,
    data: dataDirectory(place),
    repository: { checkout: () => Promise.reject(new Error("is not asked")) } as unknown as Repository,
    secrets: { lookUp: async () => ({ WORD: "sesame" }) },
    places: { commandOf: (argv: Argv) => argv, internalUrl: () => "" },
    environments: async () => ["staging"],
    current: async () => release,
    releaseOf: async (id: ReleaseId) => releaseNamed(id),
  };
  keeper = syntheticKeeper({ ...parts, locations: ["here"], closing: new AbortController().signal, tell: () => {} });
  elsewhere = journeysElsewhere(parts);
});
afterAll(() => rm(place, { recursive: true, force: true }));

const asker = { locations: ["frankfurt"], name: "m1", version: "1" };
const late = (hours: number): Promise<unknown> =>
  store.rows("update fairway.synthetic_turns set due_at = now() - $1 * interval '1 hour'", [hours]);
const results = async (): Promise<readonly string[]> =>
  (await listCheckResults(store, { limit: 50 })).map(
    ({ status, release: of, summary }) => `${of} ${status} ${summary}`,
  );
const missed = async (): Promise<number> =>
  (await store.rows("select 1 from fairway.events where kind = 'check.missed'")).length;

test("a place with no worker is told of once, and each of its times has no data", async () => {
  await keeper.look();
  expect(await results()).toEqual([]);
  await late(2);
  await keeper.look();
  await keeper.look();
  await keeper.look();
  expect(await missed()).toBe(1);
  const [newest, first] = await results();
  expect(first).toContain('no-data nobody made it at "frankfurt" when it was due: no worker has asked');
  expect(newest).toContain("no-data");
  expect(await results()).toHaveLength(2);
});

test("who takes a journey elsewhere is given its secrets, tells what it came to, and nobody else has it meanwhile", async () => {
  const taken = await elsewhere.take(asker);
  expect(taken).toMatchObject({
    release: "r1",
    location: "frankfurt",
    work: { name: "buy", env: { PLAIN: "p", FAIRWAY_RELEASE: "r1", FAIRWAY_LOCATION: "frankfurt" } },
  });
  expect(Object.keys(taken?.work.secrets ?? {})).toEqual(["WORD"]);
  expect(taken?.work.env).not.toHaveProperty("WORD");
  expect(await elsewhere.take(asker)).toBeNull();
  expect(await listJourneyWorkers(store)).toMatchObject([{ location: "frankfurt", name: "m1" }]);

  const files = [
    { name: "failure.png", bytes: Buffer.from("picture") },
    { name: "other.txt", bytes: Buffer.from("not named") },
  ];
  const report = {
    ...({ status: "failed", summary: "no", tests: [], figures: {} } as const),
    files: [
      { name: "failure.png", type: "image/png" },
      { name: "journey.har", type: "application/json" },
    ],
  };
  const told = { claim: taken?.claim ?? "", report, startedAt: new Date().toISOString(), took: 5, files };
  expect(await elsewhere.tell(told)).toBe(true);
  // Whoever did not hear it tells it again, and it is kept once.
  const before = await results();
  expect(await elsewhere.tell(told)).toBe(true);
  expect(await elsewhere.tell({ ...told, claim: "of nobody" })).toBe(false);
  expect(await results()).toEqual(before);
  const [newest] = await listCheckResults(store, { limit: 1 });
  // What was not sent is not there to be looked at.
  expect(await checkResultById(store, newest?.id ?? 0)).toMatchObject({
    location: "frankfurt",
    files: [{ name: "failure.png" }],
  });
  expect((await listTurns(store))[0]).toMatchObject({ missedAt: null, claim: null });
});

test("what comes after another release has come is told of the release that was asked", async () => {
  await store.rows("update fairway.synthetic_turns set due_at = now()");
  const taken = await elsewhere.take(asker);
  release = releaseNamed("r2");
  await keeper.look();
  const report = { status: "passed", summary: "well", tests: [], figures: {}, files: [] } as const;
  expect(
    await elsewhere.tell({
      claim: taken?.claim ?? "",
      report,
      startedAt: new Date().toISOString(),
      took: 5,
      files: [],
    }),
  ).toBe(true);
  expect((await results())[0]).toBe("r1 passed well");
  // The new one is due at once.
  expect(await elsewhere.take(asker)).toMatchObject({ release: "r2" });
});

test("who gives a journey back, or does not come back, leaves it to the next, and comes too late", async () => {
  const [turn] = await listTurns(store);
  const none = { startedAt: new Date().toISOString(), took: 0, files: [] };
  expect(await elsewhere.tell({ ...none, claim: turn?.claim ?? "", report: null })).toBe(true);
  const lost = await elsewhere.take(asker);
  await late(1);
  await store.rows("update fairway.synthetic_turns set taken_until = now() - interval '1 second'");
  await keeper.look();
  expect((await results())[0]).toContain(
    'r2 no-data nobody made it at "frankfurt" when it was due: the worker m1 asked last',
  );
  const report = { status: "passed", summary: "late", tests: [], figures: {}, files: [] } as const;
  expect(await elsewhere.tell({ ...none, claim: lost?.claim ?? "", report })).toBe(false);
  expect(await elsewhere.take(asker)).toMatchObject({ release: "r2" });
});
