import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Argv, Environment, LiveReport, Release, Repository, RunId } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import { listCheckResults } from "../store/check-results.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { BakePlaces, BakePlacesParts } from "./bake-places.ts";
import { bakePlaces, somebodyWithin } from "./bake-places.ts";
import type { JourneysElsewhere, TakenJourney } from "./journeys-elsewhere.ts";
import { journeysElsewhere } from "./journeys-elsewhere.ts";

let store: Store;
let place: string;
let elsewhere: JourneysElsewhere;
let parts: BakePlacesParts;
let bakes = 0;
storeForTests(async (opened) => void (store = opened));

const environment = {
  ...{ name: "staging", url: "http://shop.example", placements: [], variables: {}, verify: [] },
  synthetics: [
    {
      ...{
        name: "buy",
        argv: ["fairway-check", "journey", "buy.yaml"] as Argv,
        directory: ".",
        timeout: 1_000,
        env: {},
      },
      ...{ every: 3_600_000, locations: ["here", "frankfurt"] },
    },
  ],
} as unknown as Environment;
const release = {
  id: "r2",
  revision: { sha: "c".repeat(40) },
  project: { services: [], environments: [environment] },
} as unknown as Release;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "fairway-bake-"));
  elsewhere = journeysElsewhere({
    store,
    data: dataDirectory(place),
    repository: { checkout: () => Promise.reject(new Error("is not asked")) } as unknown as Repository,
    secrets: { lookUp: async () => ({}) },
    places: { commandOf: (argv: Argv) => argv, internalUrl: () => "" },
    environments: async () => [],
    current: async () => null,
    releaseOf: async () => release,
  });
});
afterAll(() => rm(place, { recursive: true, force: true }));

beforeEach(async () => {
  for (const table of ["journey_workers", "bake_turns"]) await store.rows(`delete from fairway.${table}`);
  const [run] = await store.rows<{ id: RunId }>(
    "insert into fairway.runs (kind, title, subject, requested_by) values ('deployment', 'd', '{}', 'me') returning id",
  );
  bakes += 1;
  parts = {
    ...{ store, attempt: `${run?.id}/bake/${bakes}`, run: run?.id ?? ("" as RunId), environment },
    ...{ release: release.id, every: 10_000, own: ["here"] },
  };
});

/** A bake of a minute, looked at so long after its begin. */
const began = Date.now();
const until = began + 60_000;
const at = (places: BakePlaces, after: number): ReturnType<BakePlaces["look"]> => places.look(began + after, until);

const take = (): Promise<TakenJourney | null> => elsewhere.take({ locations: ["frankfurt"], name: "m1", version: "1" });
const report = (status: LiveReport["status"], summary: string): LiveReport => ({
  ...{ status, summary, tests: [], figures: {}, files: [] },
});
async function make(status: LiveReport["status"], summary: string = status): Promise<boolean> {
  const taken = await take();
  const told = { startedAt: new Date().toISOString(), took: 5, files: [], report: report(status, summary) };
  return elsewhere.tell({ ...told, claim: taken?.claim ?? "nothing was to be made" });
}
const kept = async (): Promise<readonly string[]> =>
  (await listCheckResults(store, { limit: 50, run: parts.run, occasion: "bake" })).map(
    ({ status, location, release: of, summary }) => `${of} ${location} ${status} ${summary}`,
  );
const missed = async (): Promise<number> =>
  (await store.rows("select 1 from fairway.events where kind = 'check.missed'")).length;

test("two failures in a row at another place bring the old release back, and the second is asked for at once", async () => {
  expect(await take()).toBeNull();
  const places = bakePlaces(parts);
  expect(await at(places, 0)).toEqual({ failing: null, open: ["buy from frankfurt"], unknown: [] });
  const taken = await take();
  expect(taken).toMatchObject({
    release: "r2",
    location: "frankfurt",
    work: { env: { FAIRWAY_LOCATION: "frankfurt" } },
  });
  expect(await take()).toBeNull();
  const told = { claim: taken?.claim ?? "", startedAt: new Date().toISOString(), took: 5, files: [] };
  expect(await elsewhere.tell({ ...told, report: report("failed", "no cart") })).toBe(true);
  expect(await elsewhere.tell({ ...told, report: report("failed", "no cart") })).toBe(true);
  // A daemon that comes back asks for no more than this one would.
  expect(await at(bakePlaces(parts), 1)).toMatchObject({ failing: null, open: ["buy from frankfurt"] });
  expect(await at(places, 2)).toMatchObject({ failing: null, open: ["buy from frankfurt"] });
  expect(await make("failed", "no cart still")).toBe(true);
  expect((await at(places, 3)).failing).toBe("the journey buy failed 2 times in a row from frankfurt: no cart still");
  expect(await kept()).toEqual(["r2 frankfurt failed no cart still", "r2 frankfurt failed no cart"]);
});

test("it is made again now and then, and a bake ends only with one that was asked for after its end", async () => {
  const places = bakePlaces(parts);
  await at(places, 0);
  await make("passed");
  expect(await at(places, 9_999)).toEqual({ failing: null, open: [], unknown: [] });
  expect(await at(places, 10_000)).toMatchObject({ open: ["buy from frankfurt"] });
  expect(await at(places, 60_000)).toMatchObject({ open: ["buy from frankfurt"] });
  await make("passed");
  expect(await at(places, 60_001)).toMatchObject({ open: ["buy from frankfurt"] });
  await make("failed");
  expect(await at(places, 60_002)).toMatchObject({ failing: null, open: ["buy from frankfurt"] });
  await make("passed");
  expect(await at(places, 60_003)).toEqual({ failing: null, open: [], unknown: [] });
  expect(await kept()).toHaveLength(4);
});

test("a place without a worker has no data, is told of once, and nothing waits for it", async () => {
  const before = await missed();
  const places = bakePlaces(parts);
  expect(await at(places, 0)).toMatchObject({ open: ["buy from frankfurt"] });
  const found = await at(places, 1);
  expect(found).toMatchObject({ failing: null, open: [] });
  expect(found.unknown[0]).toContain('buy from frankfurt: nobody made it at "frankfurt" when it was due: no worker');
  await at(places, 10_001);
  expect((await at(places, 10_002)).unknown).toHaveLength(1);
  expect(await missed()).toBe(before + 1);
  expect(await kept()).toHaveLength(2);
});

test("a worker that was there a moment ago is waited for a minute, and what it tells after that comes too late", async () => {
  await take();
  const places = bakePlaces(parts);
  await at(places, 0);
  expect(await at(places, somebodyWithin - 1)).toMatchObject({ open: ["buy from frankfurt"] });
  const lost = await take();
  await store.rows("update fairway.bake_turns set taken_until = now() - interval '1 second' where claim = $1", [
    lost?.claim,
  ]);
  const found = await at(places, somebodyWithin + 1);
  expect(found).toMatchObject({ failing: null });
  expect(found.unknown[0]).toContain("the worker m1 asked last at");
  const told = { startedAt: new Date().toISOString(), took: 5, files: [], report: report("failed", "late") };
  expect(await elsewhere.tell({ ...told, claim: lost?.claim ?? "" })).toBe(false);
});

test("nobody makes what a bake that is over has left open", async () => {
  const places = bakePlaces(parts);
  await at(places, 0);
  await places.close();
  expect(await take()).toBeNull();
  await at(bakePlaces({ ...parts, attempt: `${parts.attempt} again` }), 0);
  await store.rows("update fairway.runs set ended_at = now() where id = $1", [parts.run]);
  expect(await take()).toBeNull();
});
