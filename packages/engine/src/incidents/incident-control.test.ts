import { beforeEach, expect, test } from "vitest";
import { localActor, usualSeverities } from "@fairway/core";
import { actingAs } from "../audit/acting.ts";
import { openSeverity1 } from "../store/incidents.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { IncidentControl } from "./incident-control.ts";
import { incidentControl } from "./incident-control.ts";

let store: Store;
let incidents: IncidentControl;
storeForTests((opened) => void (store = opened));
beforeEach(async () => {
  await store.rows("truncate fairway.incidents, fairway.incident_notes restart identity cascade");
  incidents = incidentControl(store);
});

const wish = { title: "orders are not filled", environment: "production", release: null } as const;
const as = <Result>(name: string, work: () => Promise<Result>): Promise<Result> => actingAs(localActor(name), work);

test("a table proposes how severe it is, a person says it, and what was proposed stays beside it", async () => {
  const number = (await as("sam", () => incidents.open({ ...wish, impact: "outage", scope: "all" }))) ?? 0;
  expect(await openSeverity1(store, "production")).toMatchObject([{ number, title: "orders are not filled" }]);
  expect(await openSeverity1(store, "staging")).toEqual([]);
  await as("toni", () => incidents.confirm(number, 2));
  expect(await incidents.byNumber(number)).toMatchObject({
    proposed: 1,
    confirmed: 2,
    confirmedBy: "toni",
    openedBy: "sam",
  });
  expect(await openSeverity1(store, "production")).toEqual([]);
});

test("one is closed with its cause, once, and changes no more", async () => {
  const number = (await incidents.open({ ...wish, impact: "degraded", scope: "one" })) ?? 0;
  await as("sam", () => incidents.note(number, "the vendor answers 401"));
  await expect(incidents.close(number, "  ")).rejects.toMatchObject({ code: "bad_request" });
  await as("sam", () => incidents.close(number, "the key had expired"));
  expect(await incidents.byNumber(number)).toMatchObject({
    rootCause: "the key had expired",
    notes: [{ by: "sam", text: "the vendor answers 401" }],
  });
  await expect(incidents.note(number, "more")).rejects.toMatchObject({ code: "not_allowed_now" });
  await expect(incidents.confirm(number + 1, 1)).rejects.toMatchObject({ code: "not_found" });
  expect(await incidents.list({ open: true, limit: 5 })).toEqual([]);
});

test("what opens one by itself opens it once, however many find it", async () => {
  const found = await Promise.all(
    [1, 2, 3].map(() => incidents.open({ ...wish, impact: "outage", scope: "some", key: "leak/one" })),
  );
  expect(found.filter((number) => number !== null)).toHaveLength(1);
});

test("what is to be done after one has somebody and a day, and a cause that nobody knows is looked for", async () => {
  const number = (await incidents.open({ ...wish, impact: "minor", scope: "one" })) ?? 0;
  await expect(incidents.close(number, "unknown")).rejects.toMatchObject({ code: "bad_request" });
  await expect(incidents.followUp(number, { what: "look", owner: "ada", due: "2026-02-30" })).rejects.toMatchObject({
    code: "bad_request",
  });
  await incidents.followUp(number, { what: "find the cause", owner: "ada", due: "2026-12-01" });
  await incidents.close(number, "unknown");
  const [followUp] = (await incidents.byNumber(number)).followUps;
  expect(followUp).toMatchObject({ what: "find the cause", owner: "ada", due: "2026-12-01", doneAt: null });
  await as("ada", () => incidents.endFollowUp(number, followUp?.number ?? 0));
  expect((await incidents.byNumber(number)).followUps).toMatchObject([{ doneBy: "ada" }]);
  await expect(incidents.endFollowUp(number, followUp?.number ?? 0)).rejects.toMatchObject({ code: "not_found" });
});

test("a project's own words make one worse, with the rule that says so, and pages end before a number", async () => {
  const own = incidentControl(store, async () => ({
    ...usualSeverities,
    words: [{ any: ["refund"], impact: "outage", scope: "all" }],
  }));
  for (const title of ["one", "a refund is missing", "three"])
    await own.open({ ...wish, title, impact: "minor", scope: "one" });
  expect((await own.list({ limit: 2 })).map(({ number, proposed }) => [number, proposed])).toEqual([
    [3, 4],
    [2, 1],
  ]);
  expect(await own.list({ before: 2, limit: 2 })).toMatchObject([{ number: 1, rule: "minor for one" }]);
  expect(await own.byNumber(2)).toMatchObject({ rule: '"refund": outage for all', impact: "outage", scope: "all" });
});
