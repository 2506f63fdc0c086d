import type { Impact, IncidentScope } from "@fairway/core";
import { expect, test } from "vitest";
import { listAlerts } from "../store/alerts.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { incidentControl } from "./incident-control.ts";
import { tellUnconfirmed } from "./unconfirmed.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const opened = async (impact: Impact, scope: IncidentScope): Promise<number> =>
  (await incidentControl(store).open({
    ...{ title: "orders are not filled", environment: "production", release: null },
    ...{ impact, scope },
  })) ?? 0;
/** As if all had been opened so much earlier. */
const goBy = (span: string): Promise<unknown> =>
  store.rows("update fairway.incidents set opened_at = opened_at - $1::interval", [span]);
const raised = async (): Promise<readonly string[]> => {
  await tellUnconfirmed(store);
  return (await listAlerts(store, 10)).filter(({ resolvedAt }) => resolvedAt === null).map(({ key }) => key);
};

test("an incident that nobody confirms in its time is told of, by how severe it is, until somebody does", async () => {
  const [first, second, third] = [
    await opened("outage", "all"),
    await opened("outage", "some"),
    await opened("degraded", "some"),
  ];
  await goBy("4 minutes 50 seconds");
  expect(await raised()).toEqual([]);
  await goBy("15 seconds");
  expect(await raised()).toEqual([`incident/i${first}`]);
  expect(await listAlerts(store, 1)).toMatchObject([
    {
      ...{ level: "error", environment: "production" },
      title: `nobody has said how severe i${first} is: orders are not filled`,
      note: `severity 1 is proposed, and 5 minutes are over; fairway incidents confirm i${first} 1`,
    },
  ]);
  await goBy("10 minutes");
  expect(await raised()).toEqual([`incident/i${second}`, `incident/i${first}`]);
  await incidentControl(store).confirm(first, 1);
  expect(await raised()).toEqual([`incident/i${second}`]);
  await incidentControl(store).close(second, "the disk was full");
  await goBy("2 days");
  // One of less is nobody's hurry.
  expect(await raised()).toEqual([]);
  expect((await incidentControl(store).byNumber(third)).confirmed).toBe(null);
});

test("however often it is looked it is one alert", async () => {
  const number = await opened("outage", "all");
  await goBy("1 hour");
  await Promise.all([raised(), raised()]);
  await raised();
  const of = (await listAlerts(store, 50)).filter(({ key }) => key === `incident/i${number}`);
  expect(of).toHaveLength(1);
});
