import { createHmac } from "node:crypto";
import type { DutyPlan } from "@fairway/core";
import { usualSeverities } from "@fairway/core";
import { beforeEach, expect, test } from "vitest";
import { listIncidents } from "../store/incidents.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { Intake } from "./intake.ts";
import { intercomIntake } from "./intake.ts";

let store: Store;
let plan: DutyPlan;
let intake: Intake;
storeForTests((opened) => void (store = opened));
beforeEach(async () => {
  await store.rows("truncate fairway.incidents, fairway.incident_notes, fairway.intake restart identity cascade");
  const words = [{ any: ["charged twice"], impact: "outage", scope: "some" } as const];
  plan = {
    ...{ commit: "", roles: [], duties: [], gates: [], waivers: { longest: 0, approvers: [] } },
    ...{ severities: { ...usualSeverities, words }, intake: { secret: "INTERCOM", environment: "production" } },
  };
  const secrets = { lookUp: async () => ({ INTERCOM: "of-a-test" }) };
  intake = intercomIntake({ store, secrets, plan: async () => plan });
});

const send = (id: string | null, topic: string, item: object, secret = "of-a-test") => {
  const body = Buffer.from(JSON.stringify({ type: "notification_event", id, topic, data: { item } }));
  const signature = `sha1=${createHmac("sha1", secret).update(body).digest("hex")}`;
  return intake.receive({ headers: { "x-hub-signature": signature }, body });
};
const created = { id: "42", source: { subject: "", body: "<p>I was <b>charged twice</b>!</p>" } };
const replied = {
  id: "42",
  conversation_parts: { conversation_parts: [{ body: "<p>I can&#39;t wait &amp; hope&nbsp;so</p>" }] },
};

test("a conversation opens one incident with a severity that is proposed, and what follows is noted at it", async () => {
  expect(await send("n1", "conversation.user.created", created)).toEqual({ status: 202, why: "opened i1" });
  expect(await send("n1", "conversation.user.created", created)).toMatchObject({ status: 202 });
  expect(await send("n2", "conversation.user.replied", replied)).toEqual({ status: 202, why: "noted at i1" });
  expect(await send("n2", "conversation.user.replied", replied)).toMatchObject({ status: 202 });
  expect(await listIncidents(store, { limit: 5 })).toMatchObject([
    {
      ...{ title: "I was charged twice !", proposed: 2, rule: '"charged twice": outage for some', confirmed: null },
      ...{
        source: "intercom 42",
        environment: "production",
        openedBy: "intercom",
        notes: [{ text: "I can't wait & hope so" }],
      },
    },
  ]);
});

test("what tells of no incident opens none, and nobody else's word counts", async () => {
  const harmless = { id: "7", source: { body: "How do I change my name?" } };
  expect(await send("n1", "conversation.user.created", harmless)).toMatchObject({ status: 202 });
  expect(await send("n2", "contact.created", {})).toMatchObject({ status: 202 });
  // As it tries an address: https://developers.intercom.com/docs/webhooks
  expect(await send(null, "ping", { type: "ping", message: "something" })).toMatchObject({ status: 202 });
  expect(await send(null, "conversation.user.created", created)).toMatchObject({ status: 400 });
  expect(await send("n3", "conversation.user.created", created, "another")).toMatchObject({ status: 401 });
  expect(await intake.receive({ headers: {}, body: Buffer.from("{}") })).toMatchObject({ status: 401 });
  plan = { ...plan, intake: null };
  expect(await send("n4", "conversation.user.created", created)).toMatchObject({ status: 404 });
  expect(await listIncidents(store, { limit: 5 })).toEqual([]);
});
