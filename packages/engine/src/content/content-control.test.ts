import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cronClock } from "@fairway/config";
import type { Release, ReleaseId } from "@fairway/core";
import { localActor } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { actingAs } from "../audit/acting.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { dutyControl } from "../duties/duty-control.ts";
import { reportsOfDisclosures } from "../forge/reports-of-disclosures.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { ContentControl } from "./content-control.ts";
import { contentControl } from "./content-control.ts";
import { contentFacts } from "./content-facts.ts";

let store: Store;
let scratch: string;
let duties: DutyControl;
let content: ContentControl;
let now: number;
let commits: Readonly<Record<string, Readonly<Record<string, string>>>>;
storeForTests((opened) => void (store = opened));
beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), "fairway-content-"))));
afterAll(() => rm(scratch, { recursive: true }));

const [r1, r2] = ["r1", "r2"] as [ReleaseId, ReleaseId];
const written = {
  "ops/people.yaml":
    "roles:\n  compliance-advisor: { people: [{ name: camille }] }\n  support-lead: { people: [{ name: sam }] }\n",
  "ops/disclosures.yaml":
    "owner: compliance-advisor\nphrases: { advice: This is no advice. }\nrules:\n  - { paths: [page.md], require: [advice] }\n",
  "ops/notice.yaml": "owner: support-lead\nto: [support-lead, compliance-advisor]\npack: [page.md]\n",
  "ops/gates.yaml":
    'gates:\n  - { environment: production, require: ["content:disclosure", "notice:release"], owner: support-lead }\n',
  "page.md": "This is no advice.\n",
};
const person = (name: string) => ({ ...localActor(name), id: `person:${name}` });
const as = <Result>(name: string, work: () => Promise<Result>): Promise<Result> => actingAs(person(name), work);

beforeEach(async () => {
  await store.rows("delete from fairway.settings where name = 'duties'");
  await store.rows("truncate fairway.commit_contents, fairway.pack_receipts");
  await store.transaction(async (tx) => {
    await tx.rows("set local session_replication_role = replica");
    await tx.rows("delete from fairway.audit");
    for (const number of [1, 2])
      await tx.rows(
        "insert into fairway.releases (number, run, digest, sha, contents) values ($1, $2, $2, 's', '{}') on conflict do nothing",
        [number, `one${number}`],
      );
  });
  now = Date.now();
  commits = { one: written, two: { ...written, "code.ts": "1" } };
  const repository = {
    checkout: async (sha: string, directory: string) => {
      for (const [name, text] of Object.entries(commits[sha] ?? {})) {
        await mkdir(dirname(join(directory, name)), { recursive: true });
        await writeFile(join(directory, name), text);
      }
    },
    authors: async () => [{ name: "ada", email: "ada@example.com" }],
  };
  const release = (id: ReleaseId): Release => ({ id, revision: { sha: id === r1 ? "one" : "two" } }) as Release;
  const parts = { store, repository, scratch, now: (): number => now };
  const contentOf = contentFacts(parts);
  duties = dutyControl({
    ...parts,
    clock: cronClock,
    facts: async ({ release: id }) => ({
      ...{ freeze: null, approvals: { needed: 0, given: null }, incidents: [] },
      content: await contentOf(id === null ? null : release(id)),
    }),
  });
  content = contentControl({ ...parts, duties, releaseOf: async (id) => release(id) });
  await duties.reader.look("one");
});

const rows = async (release: ReleaseId): Promise<Readonly<Record<string, string>>> => {
  const decision = await duties.decide({ environment: "production", release, reason: "deploy", remedies: [] });
  return Object.fromEntries(decision.rows.map(({ duty, state }) => [duty, state]));
};
const check = async (sha: string): Promise<string | undefined> => {
  const [found] = await reportsOfDisclosures(store, sha, new Set(["check-run", "status"]));
  return found?.report.kind === "check-run" ? found.report.state : undefined;
};
/** What is told where a forge takes no checks. */
const status = async (sha: string): Promise<string | undefined> => {
  const [found] = await reportsOfDisclosures(store, sha, new Set(["status"]));
  return found?.report.kind === "status" ? `${found.report.context} ${found.report.state}` : undefined;
};

test("texts fail until they are mended, wait for the yes of their role, and need it again once they change", async () => {
  commits = { ...commits, one: { ...written, "page.md": "Buy now.\n" } };
  expect(await content.disclosures("one")).toMatchObject({
    state: "failure",
    findings: [{ file: "page.md", line: 1 }],
  });
  expect([await check("one"), await status("one")]).toEqual(["failure", "fairway/disclosures failure"]);
  expect((await rows(r1))["content:disclosure"]).toBe("failing");
  await expect(as("camille", () => content.approve({ sha: "one", digest: null, note: "" }))).rejects.toMatchObject({
    code: "not_allowed_now",
  });

  expect(await content.disclosures("two")).toMatchObject({ state: "action_required", approved: null });
  expect([await check("two"), await status("two")]).toEqual(["action_required", "fairway/disclosures pending"]);
  expect((await rows(r2))["content:disclosure"]).toBe("overdue");
  const approve = (name: string, digest: string | null = null) =>
    as(name, () => content.approve({ sha: "two", digest, note: "read" }));
  await expect(approve("sam")).rejects.toMatchObject({ code: "denied" });
  await expect(approve("camille", "another")).rejects.toMatchObject({ code: "stale_approval" });
  expect(await approve("camille")).toMatchObject({ state: "success", approved: { by: "camille" } });
  expect([await check("two"), await status("two")]).toEqual(["success", "fairway/disclosures success"]);
  expect((await rows(r2))["content:disclosure"]).toBe("ok");

  // Code changes nothing of it, a word does.
  commits = {
    ...commits,
    three: { ...written, "code.ts": "2" },
    four: { ...written, "page.md": "This is no advice. Buy.\n" },
  };
  expect(await content.disclosures("three")).toMatchObject({ state: "success" });
  expect(await content.disclosures("four")).toMatchObject({ state: "action_required" });
});

test("nobody says yes to what they wrote", async () => {
  commits = { two: { ...written, "ops/people.yaml": written["ops/people.yaml"].replace("camille", "ada") } };
  await duties.reader.look("two");
  await expect(as("ada", () => content.approve({ sha: "two", digest: null, note: "" }))).rejects.toMatchObject({
    code: "denied",
  });
});

test("a notice counts 24 hours after all have the pack; another release with the same pack keeps the time", async () => {
  expect((await rows(r1))["notice:release"]).toBe("unknown");
  await content.send(r1);
  await as("sam", () => content.receive({ release: r1, role: null, digest: null }));
  await expect(
    as("sam", () => content.receive({ release: r1, role: "compliance-advisor", digest: null })),
  ).rejects.toMatchObject({
    code: "denied",
  });
  expect((await rows(r1))["notice:release"]).toBe("unknown");
  const received = await as("camille", () => content.receive({ release: r1, role: null, digest: null }));
  expect(received.standing.state).toBe("due");
  expect((await rows(r1))["notice:release"]).toBe("due");
  now = Date.parse(received.standing.from ?? "") - 1;
  expect((await rows(r1))["notice:release"]).toBe("due");
  now += 1;
  expect(await rows(r1)).toMatchObject({ "notice:release": "ok" });
  expect(await rows(r2)).toMatchObject({ "notice:release": "ok" });
  const [decided] = await store.rows<{ number: string }>(
    "select number from fairway.audit where action = 'gate.decided' order by number desc limit 1",
  );
  expect(await duties.replay(Number(decided?.number))).toMatchObject({ same: true });
});
