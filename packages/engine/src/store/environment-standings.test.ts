import { expect, test } from "vitest";
import { leftBy, mixedBy } from "./deployed-steps.ts";
import { currentDeployment, listDeployments, mixedServices, verifiedIn, verifiedInOf } from "./deployments.ts";
import { environmentStandings } from "./environment-standings.ts";
import { historyIn } from "./history-for-tests.ts";
import { leftWarm } from "./left-warm.ts";
import { quarantineOf, quarantinesOf } from "./quarantine.ts";
import { listReleases } from "./releases.ts";
import { standingReleases } from "./standing-releases.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

test("of all environments and releases at once the same is told as of each by itself", async () => {
  const before = await environmentStandings(store, ["production"]);
  expect(before.newest).toBeNull();
  expect(before.of.get("production")).toEqual({ deployed: [], standing: [], last: null, quarantine: null });

  const history = historyIn(store);
  const one = await history.release("one");
  const two = await history.release("two");
  const three = await history.release("three");
  for (const release of [one, two, three]) await history.deploy("staging", release);
  await history.deploy("production", one);
  await history.deploy("production", two);
  await history.deploy("production", one, { reason: "rollback", only: ["web"] });
  await history.deploy("production", three, { saidNo: true });
  await history.deploy("rolled-back", one);
  await history.deploy("rolled-back", two);
  await history.deploy("rolled-back", one, { reason: "rollback" });
  const names = ["staging", "production", "rolled-back", "empty"];
  const { of, newest } = await environmentStandings(store, names);
  expect(newest).toBe(three);
  for (const name of names) {
    const found = of.get(name);
    const current = await currentDeployment(store, name);
    const steps = found?.deployed ?? [];
    expect(steps[0]?.release).toBe(current?.release.id);
    expect(steps[0] && new Date(steps[0].ended).toISOString()).toBe(current?.since);
    expect(mixedBy(steps)).toEqual(await mixedServices(store, name));
    expect(leftBy(steps.at(-1))).toEqual(await leftWarm(store, name));
    expect(found?.standing).toEqual(await standingReleases(store, name));
    expect(found?.last ?? undefined).toEqual(
      (await listDeployments(store, { environment: name, ended: true, limit: 1 }))[0],
    );
    const quarantine = current && (await quarantineOf(store, current.release.digest));
    expect(found?.quarantine).toEqual(
      quarantine && { by: quarantine.by, reason: quarantine.reason, at: quarantine.at },
    );
  }

  const releases = await listReleases(store);
  const [verified, quarantines] = [
    await verifiedInOf(
      store,
      releases.map(({ id }) => id),
    ),
    await quarantinesOf(
      store,
      releases.map(({ digest }) => digest),
    ),
  ];
  expect(quarantines.size).toBeGreaterThan(0);
  for (const { id, digest } of releases) {
    expect(verified.get(id) ?? []).toEqual(await verifiedIn(store, id));
    expect(quarantines.get(digest) ?? null).toEqual(await quarantineOf(store, digest));
  }
});
