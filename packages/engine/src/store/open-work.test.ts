import type { Notice } from "@fairway/core";
import { beforeEach, expect, test } from "vitest";
import { leftBy, mixedBy } from "./deployed-steps.ts";
import { keepDelivery } from "./deliveries.ts";
import { mixedServices } from "./deployments.ts";
import { latestEvent } from "./events.ts";
import { keepReport } from "./forge-reports.ts";
import { historyIn } from "./history-for-tests.ts";
import { leftWarm } from "./left-warm.ts";
import { putNotice } from "./notices.ts";
import type { Inquiry, QuietPlace } from "./open-work.ts";
import {
  endOfAudit,
  inquire,
  noticesToCollect,
  noticesToSend,
  quietPlaces,
  reportsToCollect,
  reportsToTell,
  triggersToWork,
} from "./open-work.ts";
import { keepSetting } from "./settings.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests((opened) => void (store = opened));
beforeEach(async () => {
  await store.rows("delete from fairway.settings");
});

const asked = async (inquiry: Inquiry): Promise<unknown> => (await inquire(store, [inquiry]))[0];
const happens = (): Promise<void> =>
  store.transaction(async (tx) => tx.emit({ kind: "environment.changed", subject: "place", body: {} }));

test("where nothing was ever done nothing is found, all in one question and in their order", async () => {
  const all = [quietPlaces, triggersToWork, noticesToCollect, noticesToSend, reportsToTell, endOfAudit];
  expect(await inquire(store, all)).toEqual([null, false, false, false, false, ""]);
});

test("what happens is news until its place is kept, and where no place is kept there is one to find", async () => {
  expect(await asked(reportsToCollect)).toBe(true);
  await happens();
  await keepSetting(store, "forge.reported", await latestEvent(store));
  expect(await asked(reportsToCollect)).toBe(false);
  await happens();
  expect(await asked(reportsToCollect)).toBe(true);
});

test("notices are collected where a channel wants them; where none does any more the place is forgotten, once", async () => {
  const wants = (notices: readonly object[]): Promise<void> =>
    keepSetting(store, "project", { name: "shop", notices: notices.map((one) => ({ ...one })) });
  await happens();
  await keepSetting(store, "project", { name: "shop" });
  expect(await asked(noticesToCollect)).toBe(false);
  await wants([{ name: "team" }]);
  expect(await asked(noticesToCollect)).toBe(true);
  await keepSetting(store, "notices.seen", await latestEvent(store));
  expect(await asked(noticesToCollect)).toBe(false);
  await happens();
  expect(await asked(noticesToCollect)).toBe(true);
  await wants([]);
  expect(await asked(noticesToCollect)).toBe(true);
  await keepSetting(store, "notices.seen", null);
  expect(await asked(noticesToCollect)).toBe(false);
});

test("what is due is found, and not what is due later", async () => {
  const notice = { thread: "t" } as unknown as Notice;
  await store.transaction(async (tx) => {
    await putNotice(tx, "team", "about", notice);
    await keepReport(tx, "github", "key", { kind: "none" } as never);
  });
  await keepDelivery(store, {
    forge: "github",
    delivery: "1",
    bodyHash: "h",
    event: { kind: "other", name: "star", action: null } as never,
  });
  const due = [noticesToSend, reportsToTell, triggersToWork];
  expect(await inquire(store, due)).toEqual([true, true, true]);
  for (const table of ["notices", "forge_reports", "deliveries"])
    await store.rows(`update fairway.${table} set look_at = now() + interval '1 hour'`);
  expect(await inquire(store, due)).toEqual([false, false, false]);
});

test("of an environment that nobody changes it is known what runs, what runs beside it and what was left", async () => {
  const history = historyIn(store);
  const [one, two] = [await history.release("one"), await history.release("two")];
  for (const environment of ["calm", "held", "empty"])
    await store.rows("insert into fairway.environment_locks (environment, fence) values ($1, 7)", [environment]);
  for (const environment of ["calm", "held"]) {
    await history.deploy(environment, one);
    await history.deploy(environment, two);
    await history.deploy(environment, one, { reason: "rollback", only: ["web"] });
  }
  await store.rows(
    "update fairway.environment_locks set holder_run = (select id from fairway.runs limit 1) where environment = 'held'",
  );
  const [found] = (await asked(quietPlaces)) as readonly QuietPlace[];
  expect(found).toMatchObject({ environment: "calm", fence: 7 });
  const steps = found?.deployed ?? [];
  expect(mixedBy(steps)).toEqual(await mixedServices(store, "calm"));
  expect(steps.map(({ release, from, only }) => [release, from, only])).toEqual([
    [two, one, null],
    [one, two, ["web"]],
  ]);
  expect(leftBy(steps.at(-1))).toEqual(await leftWarm(store, "calm"));
});
