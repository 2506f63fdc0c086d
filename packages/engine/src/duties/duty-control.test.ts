import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import type { BuiltInFacts, ReleaseId } from "@fairway/core";
import { localActor } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { actingAs } from "../audit/acting.ts";
import { openAudit } from "../audit/audit-control.ts";
import { signingKey } from "../provenance/signing-key.ts";
import { eventsAfter, latestEvent } from "../store/events.ts";
import { listIncidents } from "../store/incidents.ts";
import { dutyRecords, passedSince } from "../store/duty-records.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { DutyControl } from "./duty-control.ts";
import { dutyControl } from "./duty-control.ts";
import { dutyTimesBetween } from "./duty-times.ts";
import { tellRemediedLate } from "./remedied-late.ts";
import { remindOfDuties, settleDuties } from "./settle-duties.ts";

// One control on one database, with a clock that each test moves. Longer than other files for it.

let store: Store;
let scratch: string;
let duties: DutyControl;
let now: number;
let files: Readonly<Record<string, string>>;
let facts: BuiltInFacts;
let gaining: readonly string[];
storeForTests((opened) => void (store = opened));
beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), "fairway-duties-"))));
afterAll(() => rm(scratch, { recursive: true }));

const r1 = "r1" as ReleaseId;
const people = "roles:\n  lead:\n    people: [{ name: ada }]\n  cto:\n    people: [{ name: toni }]\n";
const owed = `duties:
  drill/db: { title: Drill, owner: lead, environment: production, every: P1M, from: 2026-01-31 }
  backup/db: { title: Backup, owner: lead, environment: production, cron: "15 2 * * *", from: 2026-01-01, grace: 6h }
  "notice:release": { title: Notice, owner: lead, environment: production, for: release, wait: 24h }
  "incident:none": { title: No incident, owner: lead, always: true }
`;
const gates = `gates:
  - { environment: production, require: [drill/*, "notice:release", "incident:*"], owner: cto }
waivers: { longest: P7D, approvers: [cto] }
`;

beforeEach(async () => {
  await store.rows("delete from fairway.settings where name = 'duties'");
  await store.rows("truncate fairway.duty_slots, fairway.duty_reminders");
  await store.transaction(async (tx) => {
    await tx.rows("set local session_replication_role = replica");
    await tx.rows("delete from fairway.audit");
  });
  await store.transaction(async (tx) => {
    await tx.rows("set local session_replication_role = replica");
    await tx.rows(
      "insert into fairway.releases (number, run, digest, sha, contents) values (1, 'one', 'd', 's', '{}') on conflict do nothing",
    );
  });
  files = { "people.yaml": people, "duties.yaml": owed, "gates.yaml": gates };
  now = Date.parse("2026-01-20T12:00:00.000Z");
  facts = { freeze: null, approvals: { needed: 1, given: null }, incidents: [] };
  gaining = [];
  duties = dutyControl({
    store,
    facts: async () => facts,
    gaining: async () => gaining,
    scratch,
    clock: cronClock,
    now: () => now,
    repository: {
      checkout: async (_sha, directory) => {
        await mkdir(join(directory, "ops"), { recursive: true });
        for (const [name, text] of Object.entries(files)) await writeFile(join(directory, "ops", name), text);
      },
    },
  });
});

const stateOf = async (id: string, release: string | null = null): Promise<string | undefined> =>
  (await duties.standings({ environment: "production", release })).find(({ duty }) => duty.id === id)?.state;
const ready = async (release: ReleaseId = r1): Promise<boolean> =>
  (await duties.decide({ environment: "production", release, reason: "deploy", remedies: [] })).ready;
const at = (time: string): void => void (now = Date.parse(time));

test("what was shown stands until its time has come again", async () => {
  await duties.reader.look("one");
  expect(await stateOf("drill/db")).toBe("unknown");
  const evidence = await duties.attest({
    duty: "drill/db",
    outcome: "passed",
    release: null,
    facts: { rto_seconds: 412 },
  });
  expect(evidence).toMatchObject({
    duty: "drill/db",
    environment: "production",
    facts: { rto_seconds: 412 },
    commit: "one",
  });
  expect(await stateOf("drill/db")).toBe("ok");
  at("2026-03-01T00:00:00.000Z");
  expect(await stateOf("drill/db")).toBe("overdue");
  await duties.attest({ duty: "drill/db", outcome: "failed", release: null, note: "it does not boot" });
  expect(await stateOf("drill/db")).toBe("failing");
  expect(await duties.evidence({ duty: "drill/db", release: null, limit: 5 })).toMatchObject([
    { outcome: "failed", note: "it does not boot" },
    { outcome: "passed" },
  ]);
});

test("that users learn from something is shown by its figure, and by nobody's word", async () => {
  files = {
    ...files,
    "education.yaml":
      "assets:\n  faq: { title: FAQ, owner: lead, at: ops/people.yaml, kpi: { name: answered, atLeast: 0.4 }, every: P1M, from: 2026-01-31 }\n",
  };
  const { problems } = await duties.reader.look("taught");
  expect(problems).toEqual([]);
  const word = { duty: "education:faq", outcome: "passed", release: null } as const;
  await expect(duties.attest(word)).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("unmeasured"),
  });
  await expect(duties.attest({ ...word, facts: { value: 0.1 } })).rejects.toMatchObject({
    message: "answered is 0.1, and should be at least 0.4",
  });
  expect(await duties.attest({ ...word, facts: { value: 0.5 } })).toMatchObject({ outcome: "passed" });
  expect(await duties.attest({ ...word, outcome: "failed" })).toMatchObject({ outcome: "failed" });
});

test("what is owed for a release is shown for that release, and counts when its wait is over", async () => {
  await duties.reader.look("one");
  await expect(duties.attest({ duty: "notice:release", outcome: "passed", release: null })).rejects.toMatchObject({
    code: "bad_request",
  });
  const unknown = duties.attest({ duty: "notice:release", outcome: "passed", release: "r2" });
  await expect(unknown).rejects.toMatchObject({ code: "not_found" });
  const { recordedAt } = await duties.attest({
    duty: "notice:release",
    outcome: "passed",
    release: "r1",
    observedAt: "2026-01-01T00:00:00.000Z",
  });
  expect([await stateOf("notice:release", "r1"), await stateOf("notice:release", "r2")]).toEqual(["due", "unknown"]);
  now = Date.parse(recordedAt) + 24 * 3_600_000 - 1;
  expect(await stateOf("notice:release", "r1")).toBe("due");
  now += 1;
  expect(await stateOf("notice:release", "r1")).toBe("ok");
});

test("of what is owed for each release what was shown last is told, of whichever it was", async () => {
  await duties.reader.look("one");
  const lastOf = async (newest: ReleaseId | null): Promise<string | null | undefined> =>
    (await duties.standingsOfAll(newest)).find(({ duty }) => duty.id === "notice:release")?.newest?.release;
  expect(await lastOf(null)).toBeUndefined();
  const mistaken = await duties.attest({ duty: "notice:release", outcome: "passed", release: "r1" });
  expect([await lastOf(r1), await lastOf("r2" as ReleaseId), await lastOf(null)]).toEqual(["r1", "r1", "r1"]);
  // What was put down by mistake is not what was shown last, however late it was said to be.
  const observedAt = new Date(now - 3_600_000).toISOString();
  const right = { duty: "notice:release", outcome: "failed", release: "r1", observedAt } as const;
  const { number } = await duties.attest({ ...right, corrects: mistaken.number });
  const last = (await duties.standingsOfAll("r2" as ReleaseId)).find(({ duty }) => duty.id === "notice:release");
  expect(last?.newest).toMatchObject({ number, outcome: "failed" });
  // How it stands is known of the newest alone.
  const standing = (await duties.standingsOfAll("r2" as ReleaseId)).find(({ duty }) => duty.id === "notice:release");
  expect(standing?.state).toBe("unknown");
});

test("what counts is what was so last, in whichever order it is put on record", async () => {
  await duties.reader.look("one");
  const say = (outcome: "passed" | "failed", observedAt: string): Promise<unknown> =>
    duties.attest({ duty: "drill/db", outcome, release: null, observedAt });
  await say("failed", "2026-01-19T00:00:00.000Z");
  await say("failed", "2026-01-02T00:00:00.000Z");
  await say("passed", "2026-01-10T00:00:00.000Z");
  expect(await stateOf("drill/db")).toBe("failing");
  await say("passed", "2026-01-20T00:00:00.000Z");
  await say("passed", "2026-01-03T00:00:00.000Z");
  expect(await stateOf("drill/db")).toBe("ok");
});

test("a correction is a row of its own that points at one of the same duty", async () => {
  await duties.reader.look("one");
  const word = { duty: "drill/db", release: null } as const;
  const { number: corrects } = await duties.attest({ ...word, outcome: "passed" });
  const { number: other } = await duties.attest({ duty: "backup/db", release: null, outcome: "passed" });
  now += 1000;
  expect(await duties.attest({ ...word, outcome: "failed", corrects })).toMatchObject({ corrects });
  expect(await stateOf("drill/db")).toBe("failing");
  expect(await store.rows("select from fairway.audit where number = $1", [corrects])).toHaveLength(1);
  for (const wrong of [999_999, other])
    await expect(duties.attest({ ...word, outcome: "failed", corrects: wrong })).rejects.toMatchObject({
      code: "bad_request",
    });
});

test("a correction is a row of its own, and what it corrects counts no more, whenever that was", async () => {
  await duties.reader.look("one");
  const word = { duty: "drill/db", release: null } as const;
  const wrong = await duties.attest({ ...word, outcome: "passed", observedAt: "2026-01-19T00:00:00.000Z" });
  expect(await stateOf("drill/db")).toBe("ok");
  // What was really so was earlier than what was put down by mistake.
  const right = { ...word, outcome: "failed", observedAt: "2026-01-18T00:00:00.000Z" } as const;
  await duties.attest({ ...right, corrects: wrong.number });
  expect(await stateOf("drill/db")).toBe("failing");
  expect((await dutyRecords(store, [word], { head: wrong.number })).get("drill/db")?.passed?.number).toBe(wrong.number);
  expect((await passedSince(store, ["drill/db"], new Date(0))).get("drill/db") ?? []).not.toContain(wrong.observedAt);
  expect(await store.rows("select from fairway.audit where number = $1", [wrong.number])).toHaveLength(1);
});

test("a gate opens when all that it names is well, closes again, and never holds a way back", async () => {
  files = { ...files, "duties.yaml": owed.replace(", wait: 24h", "") };
  await duties.reader.look("one");
  expect(await ready()).toBe(false);
  await duties.attest({
    duty: "notice:release",
    outcome: "passed",
    release: "r1",
    observedAt: "2026-01-19T00:00:00.000Z",
  });
  await duties.attest({ duty: "drill/db", outcome: "passed", release: null });
  expect(await ready()).toBe(true);
  await duties.attest({ duty: "incident:none", outcome: "failed", release: null, note: "orders are not filled" });
  const shut = await duties.decide({ environment: "production", release: r1, reason: "deploy", remedies: [] });
  expect(shut.sentence).toBe("Production cannot take r1: incident:none – failed on 2026-01-20: orders are not filled.");
  const back = await duties.decide({ environment: "production", release: r1, reason: "rollback", remedies: [] });
  expect(back.ready).toBe(true);
});

test("a decision comes out the same again, whatever was put on record since", async () => {
  await duties.reader.look("one");
  await ready();
  const [{ number } = { number: 0 }] = await store.rows<{ number: number }>(
    "select number::float8 as number from fairway.audit where action = 'gate.decided'",
  );
  await duties.attest({ duty: "drill/db", outcome: "passed", release: null });
  files = { ...files, "duties.yaml": owed.replace("P1M", "P2M") };
  now += 40 * 86_400_000;
  expect(await duties.replay(number)).toMatchObject({ same: true, decision: { ready: false } });
  await expect(duties.replay(number + 1)).rejects.toMatchObject({ code: "not_found" });
});

test("a waiver lets a release through until it ends, and is refused to whoever gains by it", async () => {
  files = { ...files, "duties.yaml": owed.replace(", wait: 24h", "") };
  await duties.reader.look("one");
  await duties.attest({
    duty: "notice:release",
    outcome: "passed",
    release: "r1",
    observedAt: "2026-01-19T00:00:00.000Z",
  });
  const wish = {
    duty: "drill/db",
    release: null,
    because: "the second data centre moves",
    until: now + 3_600_000,
    gaining: [],
  };
  const as = (name: string, given: Partial<Parameters<DutyControl["waive"]>[0]> = {}): Promise<void> =>
    actingAs(localActor(name), () => duties.waive({ ...wish, ...given }));
  await expect(as("ada")).rejects.toThrow("whoever owes a duty does not waive it");
  await expect(as("toni", { gaining: ["toni"] })).rejects.toThrow("does not waive what holds it");
  await expect(as("toni", { until: null })).rejects.toThrow("without an end");
  expect(await ready()).toBe(false);
  await as("toni");
  expect(await ready()).toBe(true);
  now += 3_600_000;
  expect(await ready()).toBe(false);
});

const lastDecision = async (): Promise<{ readonly number: number; readonly entry: string }> => {
  const [row] = await store.rows<{ number: number; entry: string }>(
    "select number::float8 as number, entry from fairway.audit where action = 'gate.decided' order by number desc limit 1",
  );
  return row ?? { number: 0, entry: "" };
};

test("a waiver does not count any more once who gave it gains by it, and the decision says which", async () => {
  files = { ...files, "gates.yaml": gates.replace(', "notice:release", "incident:*"', "") };
  await duties.reader.look("one");
  const until = now + 3_600_000;
  const wish = { duty: "drill/db", release: null, because: "the second data centre moves", until, gaining: [] };
  await actingAs(localActor("toni"), () => duties.waive(wish));
  expect(await ready()).toBe(true);
  gaining = ["toni"];
  expect(await ready()).toBe(false);
  const { number, entry } = await lastDecision();
  expect(JSON.parse(entry).detail.dropped).toEqual([number - 2]);
  gaining = [];
  expect(await duties.replay(number)).toMatchObject({ same: true, decision: { ready: false } });
});

test("every waiver that is in force counts, however many were given since and for whichever release", async () => {
  files = { ...files, "gates.yaml": gates.replace(', "notice:release", "incident:*"', "") };
  await duties.reader.look("one");
  const hour = 3_600_000;
  const waive = (hours: number, release: string | null): Promise<void> =>
    actingAs(localActor("toni"), () =>
      duties.waive({
        ...{ duty: "drill/db", release, because: "the second data centre moves", gaining: [] },
        until: now + hours * hour,
      }),
    );
  await waive(3, "r1");
  await waive(5, "r2");
  expect([await ready(), await ready("r3" as ReleaseId)]).toEqual([true, false]);
  await waive(48, null);
  for (let given = 0; given < 9; given += 1) await waive(1, null);
  now += 6 * hour;
  expect(await ready()).toBe(true);
  now += 42 * hour;
  expect(await ready()).toBe(false);
});

const everyBuiltIn = `gates:
  - { environment: production, require: ["freeze:none", "approval:release", "scan:release", "incident:no-open-sev1"], owner: cto }
`;

test("what Fairway knows itself needs no file, is asked of the moment, and is kept with the decision", async () => {
  files = { ...files, "gates.yaml": everyBuiltIn };
  await duties.reader.look("one");
  expect((await duties.inForce()).problems).toEqual([]);
  expect(await ready()).toBe(false);
  await duties.attest({ duty: "scan:release", outcome: "passed", release: "r1" });
  expect(await ready()).toBe(true);
  const { number } = await lastDecision();
  facts = { ...facts, freeze: { because: "the end of the year", until: "2027-01-04T00:00:00.000Z" } };
  expect(await ready()).toBe(false);
  expect(await duties.replay(number)).toMatchObject({ same: true, decision: { ready: true } });
  facts = { ...facts, freeze: null, incidents: [{ number: 1, title: "down", since: "2026-01-20T00:00:00.000Z" }] };
  expect(await stateOf("incident:no-open-sev1")).toBe("failing");
  facts = { ...facts, incidents: [], approvals: { needed: 0, given: null } };
  expect(await ready()).toBe(false);
});

test("a deployment that exchanges a key passes the key's row, and remedies nothing else", async () => {
  const credentials =
    "credentials:\n  pay: { vendor: Pay, kind: key, environments: [production], owner: lead, rotate: { every: P3M, from: 2026-01-01 } }\n";
  const gate = '  - { environment: production, require: ["credential/*"], owner: cto }\n';
  files = { ...files, "credentials.yaml": credentials, "gates.yaml": `gates:\n${gate}` };
  await duties.reader.look("one");
  const remedied = (remedies: readonly string[]): Promise<{ readonly ready: boolean }> =>
    duties.decide({ environment: "production", release: r1, reason: "deploy", remedies });
  expect(await remedied([])).toMatchObject({ ready: false });
  const own = "credential/pay@production:rotate";
  expect(await remedied([own])).toMatchObject({ ready: true, rows: [{ duty: own, passedBy: "remedy" }] });
  expect(await duties.replay((await lastDecision()).number)).toMatchObject({ same: true });
  await expect(remedied(["drill/db"])).rejects.toMatchObject({ code: "bad_request" });
  const opened = async (): Promise<readonly unknown[]> => {
    await tellRemediedLate({ store, duties, now: () => now });
    return (await listIncidents(store, { limit: 5 })).map(({ title, proposed, release, environment }) => [
      ...[title, proposed, release, environment],
    ]);
  };
  now += 24 * 3_600_000;
  expect(await opened()).toEqual([]);
  now += 1;
  const title = expect.stringContaining(`${own} is not well a day after r1 was to set it right: `) as string;
  expect(await opened()).toEqual([[title, 3, "r1", "production"]]);
  // Whatever it is by then, it is one.
  expect(await opened()).toHaveLength(1);
});

test("what a deployment has set right within the day is told to nobody", async () => {
  await store.rows("truncate fairway.incidents restart identity cascade");
  const credentials =
    "credentials:\n  pay: { vendor: Pay, kind: key, environments: [production], owner: lead, rotate: { every: P3M, from: 2026-01-01 } }\n";
  const gate = '  - { environment: production, require: ["credential/*"], owner: cto }\n';
  files = { ...files, "credentials.yaml": credentials, "gates.yaml": `gates:\n${gate}` };
  await duties.reader.look("one");
  const own = "credential/pay@production:rotate";
  await duties.decide({ environment: "production", release: r1, reason: "deploy", remedies: [own] });
  await duties.attest({ duty: own, outcome: "passed", release: null });
  now += 25 * 3_600_000;
  await tellRemediedLate({ store, duties, now: () => now });
  expect(await listIncidents(store, { limit: 5 })).toEqual([]);
});

test("duties with problems leave what holds as it is, and are told", async () => {
  await duties.reader.look("one");
  files = { ...files, "duties.yaml": "duties:\n  drill/db: { title: Drill, owner: leed, evry: P1M }\n" };
  const { commit, problems } = await duties.reader.look("two");
  expect(commit).toBe("one");
  expect(problems).toEqual([
    expect.stringMatching(/^ops\/duties\.yaml:2:\d+ unknown_name/),
    expect.stringMatching(/^ops\/duties\.yaml:2:\d+ unknown_key/),
    expect.stringMatching(/^ops\/gates\.yaml:2:\d+ unknown_name no duty fits notice:release/),
    expect.stringMatching(/^ops\/gates\.yaml:2:\d+ unknown_name no duty fits incident:\*/),
  ]);
  expect((await duties.inForce()).plan.duties).toHaveLength(4);
});

test("what asks for less holds when the gate's owner says so, and before that what asked for more", async () => {
  await duties.reader.look("one");
  files = { ...files, "gates.yaml": gates.replace("drill/*, ", "") };
  expect((await duties.reader.look("two")).held).toMatchObject({
    commit: "two",
    weaker: ["production does not ask for drill/* any more"],
  });
  expect(await ready()).toBe(false);
  await expect(duties.reader.accept(["ada"], "two")).rejects.toMatchObject({ code: "denied" });
  await expect(duties.reader.accept(["toni"], "three")).rejects.toMatchObject({ code: "stale_approval" });
  await expect(duties.reader.accept(["toni"], "t")).rejects.toMatchObject({ code: "stale_approval" });
  expect(await duties.reader.accept(["toni"], "two")).toMatchObject({ commit: "two", held: null });
});

const withStaging = (mode: "block" | "warn"): string =>
  gates.replace(
    "waivers:",
    `  - { environment: staging, require: ["incident:*"], owner: lead, mode: ${mode} }\nwaivers:`,
  );

test("what asks for less of two environments waits for the owner of each gate", async () => {
  files = { ...files, "gates.yaml": withStaging("block") };
  await duties.reader.look("one");
  files = { ...files, "gates.yaml": withStaging("warn").replace("drill/*, ", "") };
  expect((await duties.reader.look("two")).held?.waitsFor).toEqual(["cto", "lead"]);
  expect(await duties.reader.accept(["ada"], "two")).toMatchObject({ commit: "one", held: { waitsFor: ["cto"] } });
  await expect(duties.reader.accept(["ada"], "two")).rejects.toMatchObject({ code: "denied" });
  expect(await duties.reader.accept(["toni"], "two")).toMatchObject({ commit: "two", held: null });
});

test("two owners who say yes at the same time are both heard", async () => {
  files = { ...files, "gates.yaml": withStaging("block") };
  await duties.reader.look("one");
  files = { ...files, "gates.yaml": withStaging("warn").replace("drill/*, ", "") };
  await duties.reader.look("two");
  await Promise.all([duties.reader.accept(["ada"], "two"), duties.reader.accept(["toni"], "two")]);
  expect(await duties.inForce()).toMatchObject({ commit: "two", held: null });
});

const settle = (): Promise<number> =>
  settleDuties({ store, duties, clock: cronClock, now: () => now, tell: (message) => told.push(message) });
const told: string[] = [];

test("every time that is over is settled once, however many look, and what is missed is evidence", async () => {
  await duties.reader.look("one");
  now += 10 * 86_400_000;
  const observedAt = "2026-01-25T02:40:00.000Z";
  await duties.attest({ duty: "backup/db", outcome: "passed", release: null, observedAt });
  const written = await Promise.all([settle(), settle(), settle()]);
  expect(written.reduce((sum, count) => sum + count)).toBe(10);
  expect(await settle()).toBe(0);
  const rows = await store.rows<{ slot: string; outcome: string }>(
    "select slot, outcome from fairway.duty_slots order by slot",
  );
  expect(rows.filter(({ outcome }) => outcome === "met")).toEqual([
    { slot: "2026-01-25T02:15:00.000Z", outcome: "met" },
  ]);
  const missed = await store.rows("select number from fairway.audit where action = 'evidence.missed'");
  expect(missed).toHaveLength(9);
});

test("a calendar has no time before a duty was first seen: nobody owed it then", async () => {
  await duties.reader.look("one");
  now += 3 * 86_400_000;
  await settle();
  const [from, until] = [Date.parse("2026-01-01"), Date.parse("2026-01-24")];
  const times = await dutyTimesBetween({ store, duties, clock: cronClock }, from, until);
  expect(times.map(({ slot, outcome }) => [slot, outcome])).toEqual([
    ["2026-01-20T02:15:00.000Z", "missed"],
    ["2026-01-21T02:15:00.000Z", "missed"],
    ["2026-01-22T02:15:00.000Z", "missed"],
    ["2026-01-23T02:15:00.000Z", null],
  ]);
});

test("a clock that went back settles nothing, and is told", async () => {
  await duties.reader.look("one");
  now += 10 * 86_400_000;
  await settle();
  now -= 8 * 86_400_000;
  expect(await settle()).toBe(0);
  expect(told.at(-1)).toContain("the clock is behind: backup/db");
  // A few hours are told as well, and not that time has stood still.
  told.length = 0;
  at("2026-01-30T12:00:00.000Z");
  await settle();
  expect(told).toEqual([]);
  at("2026-01-29T02:14:59.999Z");
  await settle();
  expect(told).toEqual([expect.stringContaining("the clock is behind: backup/db")]);
});

test("an owner is reminded once a day, also by two at the same time", async () => {
  await duties.reader.look("one");
  at("2026-02-02T08:00:00.000Z");
  const before = await latestEvent(store);
  const remind = (): Promise<number> => remindOfDuties({ store, duties, now: () => now });
  const counts = await Promise.all([remind(), remind()]);
  expect(counts.reduce((sum, count) => sum + count)).toBe(2);
  expect(await remind()).toBe(0);
  const events = (await eventsAfter(store, before)).filter(({ kind }) => kind === "duty.reminded");
  expect(events.map(({ subject }) => subject).toSorted()).toEqual(["backup/db", "drill/db"]);
  now += 86_400_000;
  expect(await remind()).toBe(2);
});

test("sixteen writers at once make one chain, which verifies", async () => {
  const key = await signingKey(join(scratch, "signing"));
  store.signAuditWith(key);
  const heads = join(scratch, "heads.jsonl");
  const audit = await openAudit({ store, key, heads, version: "1", tell: (problem) => told.push(problem) }, false);
  await duties.reader.look("one");
  await Promise.all(
    Array.from({ length: 16 }, async (_, writer) => {
      for (let row = 0; row < 5; row++)
        await duties.attest({ duty: "drill/db", outcome: "passed", release: null, facts: { writer, row } });
    }),
  );
  await audit.vouch();
  expect(await audit.verify()).toMatchObject({ whole: true, rows: 83, firstBad: null });
});
