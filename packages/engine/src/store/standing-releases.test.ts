import type { ReleaseId } from "@fairway/core";
import { releaseId } from "@fairway/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { currentRelease, mixedServices, verifiedIn } from "./deployments.ts";
import type { History } from "./history-for-tests.ts";
import { historyIn } from "./history-for-tests.ts";
import { quarantineMigration } from "./migrations/0007-quarantine.ts";
import { standingReleases } from "./standing-releases.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
let history: History;
let made: (place: number) => ReleaseId;
storeForTests(async (opened) => {
  store = opened;
  history = historyIn(store);
  const found: ReleaseId[] = [];
  for (const digest of ["a", "b", "c", "d", "e"]) found.push(await history.release(digest));
  made = (place) => found[place] ?? releaseId(0);
});

interface Deployed {
  readonly release: ReleaseId;
  readonly reason: "deploy" | "rollback";
}

/** What stands, by the whole history: a rollback takes away all that came after what it brought back. */
function model(all: readonly Deployed[]): readonly ReleaseId[] {
  const standing: ReleaseId[] = [];
  for (const { release, reason } of all) {
    const known = standing.lastIndexOf(release);
    if (reason === "rollback" && known >= 0) standing.length = known + 1;
    else if (standing.at(-1) !== release) standing.push(release);
  }
  return standing;
}

const standing = async (environment: string): Promise<readonly ReleaseId[]> =>
  (await standingReleases(store, environment)).map(({ release }) => release).toReversed();

/** Without quarantine, which is another question: what is deployed here may have been rolled back from. */
async function carryThrough(environment: string, all: readonly Deployed[]): Promise<void> {
  for (const { release, reason } of all) {
    await history.deploy(environment, release, { reason });
    await store.rows("delete from fairway.quarantine");
  }
}

let environments = 0;
const fresh = (): string => `environment-${environments++}`;

const histories = fc.array(fc.record({ place: fc.nat(4), reason: fc.constantFrom("deploy", "rollback" as const) }), {
  minLength: 1,
  maxLength: 8,
});

test("what stands is what the whole history says, though only a few rows of it are read", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (asked) => {
      const environment = fresh();
      const all = asked.map(({ place, reason }) => ({ release: made(place), reason }));
      await carryThrough(environment, all);
      expect(await standing(environment)).toEqual(model(all));
    }),
    { numRuns: 4 },
  );
});

test("a database from before is brought to know what each deployment stands on", async () => {
  const environment = fresh();
  const all = [0, 1, 2, 1, 3, 1, 3].map((place, at) => ({
    release: made(place),
    reason: at === 3 || at === 5 ? ("rollback" as const) : ("deploy" as const),
  }));
  await carryThrough(environment, all);
  const other = fresh();
  await carryThrough(other, [{ release: made(4), reason: "deploy" }]);
  await store.rows("update fairway.deployments set stands_on = null");
  await store.rows(quarantineMigration.slice(quarantineMigration.indexOf("do $$")));
  expect(await standing(environment)).toEqual(model(all));
  expect(await standing(other)).toEqual([made(4)]);
});

test("a deployment that is no longer on record takes nothing else with it", async () => {
  const environment = fresh();
  const [one, two, three] = [made(0), made(1), made(2)];
  await history.deploy(environment, one);
  const second = await history.deploy(environment, two);
  await history.deploy(environment, three);
  await store.rows("update fairway.deployments set place = null, outcome = null where run = $1", [second]);
  expect(await standing(environment)).toEqual([one, three]);
});

test("what failed does not stand, and only what was carried through was verified", async () => {
  const environment = fresh();
  const [one, two] = [made(0), made(1)];
  await history.deploy(environment, one);
  await history.deploy(environment, two, { saidNo: true });
  await store.rows("delete from fairway.quarantine");
  expect(await standing(environment)).toEqual([one]);
  expect((await currentRelease(store, environment))?.id).toBe(one);
  expect(await verifiedIn(store, one)).toContain(environment);
  expect(await verifiedIn(store, two)).not.toContain(environment);
});

test("a rollback of single services leaves the environment what it is, mixed, until the next deployment", async () => {
  const environment = fresh();
  const [one, two] = [made(0), made(1)];
  await history.deploy(environment, one);
  await history.deploy(environment, two);
  await history.deploy(environment, one, { reason: "rollback", only: ["web", "api"] });
  await store.rows("delete from fairway.quarantine");
  expect(await standing(environment)).toEqual([one, two]);
  expect([...(await mixedServices(store, environment))]).toEqual([
    ["web", one],
    ["api", one],
  ]);
  await history.deploy(environment, two, { reason: "rollback", only: ["api"] });
  expect([...(await mixedServices(store, environment))]).toEqual([["web", one]]);
  await history.deploy(environment, two);
  expect([...(await mixedServices(store, environment))]).toEqual([]);
});
