import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DutyPlan, ReleaseId } from "@fairway/core";
import { localActor } from "@fairway/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { actingAs } from "../audit/acting.ts";
import { openAudit } from "../audit/audit-control.ts";
import type { SigningKey } from "../provenance/signing-key.ts";
import { signingKey } from "../provenance/signing-key.ts";
import { recordEvidence } from "../store/duty-records.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { quarterLines, quarterOf } from "./quarter-summary.ts";
import { quarterFile, quarterForms, quarterSeal } from "./quarter-seal.ts";
import { releaseBundle } from "./release-bundle.ts";
import { markdownCell, safeCell } from "./safe-cell.ts";
import { verifyBundle } from "./verify-bundle.ts";
import { verifySeal } from "./verify-seal.ts";

let store: Store;
let folder: string;
let key: SigningKey;
let bundle: () => Promise<Buffer>;
let sealOf: (quarter: string) => Promise<string>;
storeForTests((opened) => void (store = opened));

const plan: DutyPlan = {
  commit: "c",
  roles: [],
  gates: [],
  waivers: { longest: 0, approvers: [] },
  duties: [
    {
      ...{ id: "notice:release", title: "Notice", owner: "lead", escalation: [], environment: null, grace: 0 },
      ...{ cadence: { kind: "release", wait: 0 }, warnings: [], task: null, automation: null, digest: null },
      place: { file: "ops/duties.yaml", line: 1 },
    },
  ],
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairway-exports-"));
  key = await signingKey(join(folder, "signing"));
  store.signAuditWith(key);
  const audit = await openAudit(
    { store, key, heads: join(folder, "heads.jsonl"), version: "1", tell: () => undefined },
    false,
  );
  await store.transaction(async (tx) => {
    await tx.rows("set local session_replication_role = replica");
    await tx.rows(
      `insert into fairway.releases (number, run, digest, sha, contents) values (1, 'run-1', 'd', 's', '{"digest":"sha256:1"}') on conflict do nothing`,
    );
  });
  for (const note of ["=HYPERLINK(1)", "told | everybody\nat once"])
    await store.transaction(async (tx) =>
      actingAs(localActor("ada"), () =>
        recordEvidence(tx, {
          ...{ duty: "notice:release", environment: null, release: "r1", outcome: "passed", automation: null, note },
          ...{ observedAt: new Date().toISOString(), facts: { receipts: 2 }, artifacts: [], digest: null },
          ...{ validUntil: null, slot: null, corrects: null, commit: "c" },
        }),
      ),
    );
  await audit.vouch();
  sealOf = (quarter) => quarterSeal({ store, audit, signer: key }, quarterOf(quarter));
  bundle = () => releaseBundle({ store, audit, signer: key, plan: async () => plan }, "r1" as ReleaseId);
});
afterAll(() => rm(folder, { recursive: true }));

async function verified(bytes: Buffer, trusted: string | null = null): ReturnType<typeof verifyBundle> {
  await writeFile(join(folder, "bundle.zip"), bytes);
  return verifyBundle(join(folder, "bundle.zip"), trusted);
}

test("a bundle has the same bytes each time, and is verified without the database", async () => {
  const [first, second] = [await bundle(), await bundle()];
  expect(first.equals(second)).toBe(true);
  expect(await verified(first, key.publicKey)).toEqual({
    ...{ whole: true, release: "r1", signedBy: key.id, problems: [], notes: [] },
    // The two, and the newest row, which the newest head is of.
    rows: expect.toSatisfy((rows: number) => rows >= 2) as number,
  });
  expect((await verified(first)).notes[0]).toContain(key.id);
});

test("a bundle that was changed anywhere, or signed by another, is not whole", async () => {
  const whole = await bundle();
  // What is stored is not deflated: the text lies in the file, with its checksum before it.
  const changed = Buffer.from(whole);
  changed.write("TOLD", changed.indexOf("told | everybody"));
  expect(await verified(changed)).toMatchObject({
    whole: false,
    problems: ["evidence.jsonl is not what was signed", expect.stringContaining("is not what was hashed")],
  });
  const other = await signingKey(join(folder, "other"));
  expect(await verified(whole, other.publicKey)).toMatchObject({
    whole: false,
    problems: [expect.stringContaining("a key that is not known")],
  });
  await expect(verified(Buffer.from("no zip"))).rejects.toMatchObject({ code: "bad_request" });
});

test("whatever byte of a bundle is another, it is refused or found out, and nobody is surprised", async () => {
  const whole = await bundle();
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ by, at);
      const found = await verified(changed, key.publicKey).then(
        ({ whole: isWhole, problems }) => (isWhole ? contentsOf(changed) : problems.length > 0),
        (thrown: { readonly code?: unknown }) => thrown.code,
      );
      // A time of the container is nobody's statement; whatever somebody has stated is.
      expect([true, "bad_request", contentsOf(whole)]).toContain(found);
    }),
    { numRuns: 150 },
  );
});

/** All lines of it: what is stored is not deflated. */
const contentsOf = (bytes: Buffer): string =>
  bytes
    .toString("latin1")
    .split("\n")
    .filter((line) => line.startsWith("{") || line.startsWith("["))
    .join("\n");

test("a bundle of things that are none of it is refused in words", async () => {
  const whole = await bundle();
  const name = (text: string): number => whole.indexOf(text);
  for (const [from, to] of [
    ['{"payload"', '{"paylaod"'],
    ['"publicKey"', '"publicXey"'],
    ['"signatures":[{"keyid"', '"signatures":[{"keyxx"'],
  ] as const) {
    const changed = Buffer.from(whole);
    expect(name(from)).toBeGreaterThan(0);
    changed.write(to, name(from));
    await expect(verified(changed)).rejects.toMatchObject({ code: "bad_request" });
  }
});

test("the summary of a quarter is the same in each of its forms, and no cell of it is a formula", async () => {
  const [row] = await store.rows<{ at: Date }>(
    "select max(at) as at from fairway.audit where action like 'evidence.%'",
  );
  const now = row?.at ?? new Date();
  const quarter = quarterOf(`${now.getUTCFullYear()}-Q${Math.floor(now.getUTCMonth() / 3) + 1}`);
  const text = async (form: "md" | "csv" | "json"): Promise<string> => {
    let all = "";
    for await (const line of quarterLines(store, quarter, form)) all += line;
    return all;
  };
  const csv = await text("csv");
  expect(csv.split("\r\n").filter((line) => line.includes("notice:release#r1"))).toHaveLength(1 + 1);
  expect(csv).toContain(`"'=HYPERLINK(1)"`);
  expect(csv).toBe(await text("csv"));
  expect(await text("md")).toContain("told \\| everybody at once");
  const lines = (await text("json"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly type: string });
  expect(lines.map(({ type }) => type)).toEqual(["quarter", "row", "row", "counts"]);
  expect(() => quarterOf("2026-Q5")).toThrow("2026-Q5 is no quarter");
});

test("the seal of a quarter is the same each time, and vouches for every form that lies beside it", async () => {
  const now = new Date();
  const name = `${now.getUTCFullYear()}-Q${Math.floor(now.getUTCMonth() / 3) + 1}`;
  const seal = join(folder, quarterFile(name, "seal"));
  await writeFile(seal, await sealOf(name));
  expect(await sealOf(name)).toBe(await readFile(seal, "utf8"));
  expect(await verifySeal(seal, key.publicKey)).toMatchObject({
    problems: ["no file of the summary is beside the seal"],
  });
  for (const form of quarterForms) {
    let all = "";
    for await (const line of quarterLines(store, quarterOf(name), form)) all += line;
    await writeFile(join(folder, quarterFile(name, form)), all);
  }
  expect(await verifySeal(seal, key.publicKey)).toEqual({
    ...{ whole: true, quarter: name, signedBy: key.id, problems: [], notes: [] },
    files: quarterForms.map((form) => quarterFile(name, form)),
  });
  const changed = join(folder, quarterFile(name, "csv"));
  await writeFile(changed, (await readFile(changed, "utf8")).replace("HYPERLINK", "hyperlink"));
  expect(await verifySeal(seal, key.publicKey)).toMatchObject({
    ...{ whole: false, problems: [`${quarterFile(name, "csv")} is not what was signed`] },
  });
  const other = await signingKey(join(folder, "other"));
  expect(await verifySeal(seal, other.publicKey)).toMatchObject({ whole: false, quarter: null });
  await writeFile(join(folder, "none.seal.json"), "{}");
  await expect(verifySeal(join(folder, "none.seal.json"), null)).rejects.toMatchObject({ code: "bad_request" });
});

test("no cell begins as a formula does, and each is one cell again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const cell = safeCell(value);
      const inside = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
      expect(inside).not.toMatch(/^[\s\uFEFF]*[=+\-@\t\r]/u);
      expect(inside.replace(/^'/, "").replaceAll("\u2400", "\0")).toBe(
        value.replace(/^'/, "").replaceAll("\u2400", "\0"),
      );
      expect(!/[",\r\n]/.test(value) || /^"[^]*"$/.test(cell)).toBe(true);
      expect(markdownCell(value)).not.toMatch(/[\r\n]|(?<!\\)(?:\\\\)*\|/);
    }),
    { numRuns: 40 },
  );
  expect(["=1", "+1", "-1", "@x", "\tx", "\rx", " =1"].map((value) => safeCell(value)[1])).toEqual(Array(7).fill("'"));
  expect([safeCell(-1), safeCell("a,b"), safeCell(null)]).toEqual(["-1", '"a,b"', ""]);
});

test("a bundle holds what it is signed with, and nothing of the machine", async () => {
  const bytes = await bundle();
  await writeFile(join(folder, "again.zip"), bytes);
  expect((await readFile(join(folder, "again.zip"))).includes(folder)).toBe(false);
});
