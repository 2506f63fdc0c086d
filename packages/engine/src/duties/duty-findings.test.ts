import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import { plainEnvironment } from "@fairway/conformance";
import type { DutyStanding, GateDecision, Project, ReleaseId } from "@fairway/core";
import { dayOf, localActor, matrixOf } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { actingAs } from "../audit/acting.ts";
import { noticeOfEvent } from "../notices/notice-of-event.ts";
import { eventsAfter, latestEvent } from "../store/events.ts";
import { newestProject } from "../store/newest-project.ts";
import { keepToken, revokeToken } from "../store/people/api-tokens.ts";
import { addSecretVersions, forgetSecret, holdSecrets } from "../store/secrets.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { DutyControl } from "./duty-control.ts";
import { dutyControl } from "./duty-control.ts";
import { dutyTimesBetween } from "./duty-times.ts";
import { endingTokens, dutyFindings } from "./duty-findings.ts";
import { remindOfDuties } from "./settle-duties.ts";

let store: Store;
let scratch: string;
let duties: DutyControl;
let now: number;
let inFiles: readonly string[];
storeForTests((opened) => void (store = opened));
beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), "fairway-found-"))));
afterAll(() => rm(scratch, { recursive: true }));

const day = 86_400_000;
const r1 = "r1" as ReleaseId;
const today = dayOf(Date.now());
const files: Readonly<Record<string, string>> = {
  "people.yaml": "roles:\n  lead:\n    people: [{ name: ada }]\n  cto:\n    people: [{ name: toni }]\n",
  "credentials.yaml": `credentials:
  pay:
    vendor: Pay
    kind: key
    environments: [production]
    owner: lead
    escalation: [cto]
    store: PAY_KEY
    task: Keys
    access-review: { every: P24M, rolling: true, from: ${today}, done: ${today} }
`,
  "gates.yaml": `gates:
  - { environment: production, require: ["credential/*"], owner: cto }
waivers: { approvers: [cto] }
`,
};

beforeEach(async () => {
  await store.rows("truncate fairway.duty_reminders, fairway.api_tokens cascade");
  await store.rows("delete from fairway.settings where name = 'duties'");
  await store.rows("truncate fairway.secrets cascade");
  now = Date.now();
  inFiles = [];
  const versions = async (_of: string, names: readonly string[]): Promise<Record<string, string>> =>
    Object.fromEntries(names.filter((name) => inFiles.includes(name)).map((name) => [name, "one"]));
  duties = dutyControl({
    ...{ store, scratch, clock: cronClock, now: () => now },
    found: dutyFindings({ store, secrets: { versions }, now: () => now }),
    repository: {
      checkout: async (_sha, directory) => {
        await mkdir(join(directory, "ops"), { recursive: true });
        for (const [name, text] of Object.entries(files)) await writeFile(join(directory, "ops", name), text);
      },
    },
  });
  const { problems } = await duties.reader.look("one");
  if (problems.length > 0) throw new Error(problems.join("; "));
});

const made = async (name: string, days: number): Promise<{ readonly id: string; readonly ends: number }> => {
  const token = await store.transaction((tx) =>
    keepToken(tx, {
      ...{ name, days, kind: "service", owner: null, ownerName: "kim", hint: "fw_abc", digest: name },
      ...{ permissions: ["read"], role: null, projects: null, environments: null },
    }),
  );
  return { id: token.id, ends: Date.parse(token.expiresAt) };
};
const stored = (name: string): Promise<void> =>
  store.transaction(async (tx) => {
    await holdSecrets(tx, "production", [name]);
    const kept = { environment: "production", name, version: 1, reference: "vault:a#b" };
    await addSecretVersions(tx, [{ ...kept, sealed: null, fingerprint: null, by: "ada", repeats: null }]);
  });
const standing = async (id: string): Promise<DutyStanding | undefined> =>
  (await duties.standings({ environment: "production" })).find(({ duty }) => duty.id === id);
const asked = { environment: "production", release: r1, reason: "deploy", remedies: [] } as const;
const decided = (): Promise<GateDecision> => duties.decide(asked);
const lastDecision = async (): Promise<number> => {
  const [row] = await store.rows<{ number: number }>(
    "select max(number)::float8 as number from fairway.audit where action = 'gate.decided'",
  );
  return row?.number ?? 0;
};

test("whoever made a token hears of its end 14, 7 and 1 days before, on the day, and daily when it is over", async () => {
  await stored("PAY_KEY");
  const { ends } = await made("ci", 90);
  const told: number[] = [];
  for (let left = 20; left >= -20; left--) {
    now = ends - left * day;
    const remind = (): Promise<number> => remindOfDuties({ store, duties, now: () => now });
    // Two at the same time, and again after a restart.
    const counts = [...(await Promise.all([remind(), remind()])), await remind()];
    const sum = counts.reduce((all, one) => all + one);
    expect(sum).toBeLessThanOrEqual(1);
    if (sum === 1) told.push(left);
  }
  const daily = Array.from({ length: 14 }, (_, index) => -1 - index);
  expect(told).toEqual([14, 7, 1, 0, ...daily]);
});

test("its notice says whose it is and how it is renewed, and nothing of the token itself", async () => {
  await stored("PAY_KEY");
  const { id, ends } = await made("ci", 90);
  const before = await latestEvent(store);
  now = ends - 7 * day;
  await remindOfDuties({ store, duties, now: () => now });
  const [event] = (await eventsAfter(store, before)).filter(({ kind }) => kind === "duty.reminded");
  const notice = JSON.stringify(event === undefined ? null : await noticeOfEvent(store, event));
  expect(notice).toContain("API token ci");
  expect(notice).toContain("kim");
  expect(notice).toContain(`revoke ${id}`);
  expect(notice).not.toContain("fw_abc");
});

test("a token that is revoked, far from its end or meant to be short is not among those that end", async () => {
  const [long, gone, short] = [await made("long", 90), await made("gone", 90), await made("short", 3)];
  await store.transaction((tx) => revokeToken(tx, gone.id));
  expect(await endingTokens(store, short.ends - day)).toEqual([]);
  expect(await endingTokens(store, long.ends - 3 * day)).toMatchObject([{ id: long.id, owner: "kim" }]);
  expect(await endingTokens(store, long.ends + 15 * day)).toEqual([]);
});

test("a token that ends is a duty of whoever made it: on the board, in the calendar and the matrix, and before a gate", async () => {
  await stored("PAY_KEY");
  const { id, ends } = await made("ci", 90);
  const duty = `credential/fairway-${id}:rotate`;
  now = ends - 20 * day;
  expect(await standing(duty)).toBeUndefined();
  now = ends - 14 * day;
  expect(await standing(duty)).toMatchObject({ state: "due", dueAt: new Date(ends).toISOString() });
  expect(await decided()).toMatchObject({ ready: true });
  const times = await dutyTimesBetween({ store, duties, clock: cronClock }, now, now + 31 * day);
  expect(times.filter(({ due }) => due === ends)).toMatchObject([{ duty: { id: duty, owner: "kim" }, outcome: null }]);
  expect(matrixOf(await duties.standingsOfAll(null))).toMatchObject([
    { task: "Keys", owners: ["lead", "kim"], states: { due: 1, ok: 1 } },
  ]);
  now = ends;
  const day0 = new Date(ends).toISOString().slice(0, 10);
  expect(await standing(duty)).toMatchObject({ state: "overdue", why: `it ended on ${day0}` });
  const shut = await decided();
  expect(shut.sentence).toBe(`Production cannot take r1: ${duty} – it ended on ${day0}.`);
  const number = await lastDecision();
  await store.transaction((tx) => revokeToken(tx, id));
  expect(await decided()).toMatchObject({ ready: true });
  // What was found then is kept with the decision.
  expect(await duties.replay(number)).toMatchObject({ same: true, decision: { ready: false } });
});

test("a key that the inventory has and the store has not is failing, and holds what asks for it until it is there", async () => {
  const duty = "credential/pay@production:store";
  expect(await standing(duty)).toMatchObject({
    state: "failing",
    why: "the store has no PAY_KEY for production",
    duty: { owner: "lead", escalation: ["cto"], task: "Keys", place: { file: "ops/credentials.yaml" } },
  });
  expect(await decided()).toMatchObject({ ready: false, rows: [{}, { duty, state: "failing", blocks: true }] });
  const number = await lastDecision();
  await stored("PAY_KEY");
  expect(await standing(duty)).toBeUndefined();
  expect(await decided()).toMatchObject({ ready: true });
  expect(await duties.replay(number)).toMatchObject({ same: true, decision: { ready: false } });
});

test("a key that a file has in the store's place is there", async () => {
  inFiles = ["PAY_KEY"];
  expect(await standing("credential/pay@production:store")).toBeUndefined();
});

test("a key that the store has and nobody in the inventory is unknown, and falls to the gate's owner", async () => {
  await stored("PAY_KEY");
  await stored("STRAY_KEY");
  const duty = "credential/STRAY_KEY@production:inventory";
  expect(await standing(duty)).toMatchObject({ state: "unknown", duty: { owner: "cto", environment: "production" } });
  expect(await decided()).toMatchObject({ ready: false, rows: [{ duty, state: "unknown", blocks: true }, {}] });
  await store.transaction((tx) => forgetSecret(tx, "production", "STRAY_KEY"));
  expect(await decided()).toMatchObject({ ready: true });
});

test("no word shows what Fairway sees itself, and it can be passed over like any other", async () => {
  const duty = "credential/pay@production:store";
  await expect(duties.attest({ duty, outcome: "passed", release: null })).rejects.toMatchObject({
    code: "not_allowed_now",
    hint: expect.stringContaining("fairway secrets set PAY_KEY --env production"),
  });
  const until = now + 3_600_000;
  const wish = { duty, release: null, because: "the vendor sends it tomorrow", until, gaining: [] };
  await expect(actingAs(localActor("ada"), () => duties.waive(wish))).rejects.toThrow("does not waive it");
  await actingAs(localActor("toni"), () => duties.waive(wish));
  expect(await decided()).toMatchObject({ ready: true, rows: [{}, { duty, passedBy: "waiver" }] });
});

test("a gate of an environment that the newest release has not is failing until a release has it", async () => {
  await stored("PAY_KEY");
  const row = "environment/production";
  expect(await standing(row)).toBeUndefined();
  const project = (name: string): Project => ({
    name: "shop",
    services: [],
    environments: [plainEnvironment(name, [])],
  });
  await newestProject(store).keep(project("prod"));
  expect(await standing(row)).toMatchObject({
    state: "failing",
    why: "the project has no production, and a gate is of it (ops/gates.yaml:2), as one other is",
  });
  await newestProject(store).keep(project("production"));
  expect(await standing(row)).toBeUndefined();
  await store.rows("delete from fairway.settings where name = 'project'");
});
