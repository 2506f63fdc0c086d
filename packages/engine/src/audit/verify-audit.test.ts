import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { AuditEntry, AuditHead } from "@fairway/core";
import { localActor } from "@fairway/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Signer } from "../provenance/envelope.ts";
import { makeHead } from "./audit-head.ts";
import type { AuditLink } from "./audit-hash.ts";
import { hashOfEntry, noLink, signedText, textOfEntry } from "./audit-hash.ts";
import type { AuditFinding, AuditRow } from "./verify-audit.ts";
import { auditVerifier } from "./verify-audit.ts";

const signer = (id: string): Signer => ({ id, key: generateKeyPairSync("ed25519").privateKey });
const ours = signer("ours");
const theirs = signer("theirs");
const keys = new Map([["ours", createPublicKey(ours.key)]]);
const length = 60;

const entry = (number: number, subject = `secret ${number}`): AuditEntry => ({
  number,
  at: "2026-11-22T10:00:00.000Z",
  actor: localActor("ada"),
  action: "secret.set",
  subject,
  environment: "production",
  detail: {},
});

/** Hashes and signs these texts as the record does. */
function chained(texts: readonly string[], by: Signer | null, from: AuditLink = noLink, first = 1): AuditRow[] {
  let link = from;
  return texts.map((text, index) => {
    const hash = hashOfEntry(link, text);
    const signature = by === null ? null : sign(null, signedText(hash), by.key).toString("base64");
    link = { hash, signedBy: by?.id ?? null, signature };
    return { number: first + index, entry: text, ...link };
  });
}

const record = chained(
  Array.from({ length }, (_, index) => textOfEntry(entry(index + 1))),
  ours,
);
function rowAt(number: number): AuditRow {
  const row = record[number - 1];
  if (row === undefined) throw new RangeError(`there is no row ${number}`);
  return row;
}
const headAt = (number: number, rows = record): AuditHead =>
  makeHead({ kind: "head", number, hash: rows[number - 1]?.hash ?? "" }, "2026-11-22T11:00:00.000Z", ours);

function found(rows: readonly AuditRow[], heads = [headAt(length)], known = keys): AuditFinding {
  const verifier = auditVerifier(known);
  rows.every((row) => verifier.add(row));
  return verifier.finish(heads, true);
}

const renumbered = (text: string, number: number): string =>
  textOfEntry({ ...(JSON.parse(text) as AuditEntry), number });
const anyRow = fc.integer({ min: 1, max: length });
/** Small counts in the suite; `FAIRWAY_LOAD=full` takes many. */
const numRuns = process.env["FAIRWAY_LOAD"] === "full" ? 5_000 : 25;
const always = (check: (row: number) => void): void =>
  fc.assert(
    fc.property(anyRow, (row) => check(row)),
    { numRuns },
  );

test("a record that is as it was written is whole", () => {
  expect(found(record)).toEqual({ whole: true, rows: length, firstBad: null, problem: null, head: length, notes: [] });
  expect(found(record, [headAt(40)]).notes).toEqual(["rows from 41 on are newer than the newest head"]);
});

test("a row that was edited is named", () => {
  always((row) => {
    const edited = record.map((one) =>
      one.number === row ? { ...one, entry: one.entry.replace("secret ", "Secret ") } : one,
    );
    expect(found(edited)).toMatchObject({ whole: false, firstBad: row });
  });
});

test("an edit of a hash, a signature, a signer or a column is named too", () => {
  always((row) => {
    const change = (part: Partial<AuditRow>): readonly AuditRow[] =>
      record.map((one) => (one.number === row ? { ...one, ...part } : one));
    const other = record[row % length];
    expect(found(change({ hash: other?.hash ?? "" }))).toMatchObject({ firstBad: row });
    expect(found(change({ signature: other?.signature ?? "" }))).toMatchObject({ firstBad: row });
    expect(found(change({ signedBy: "nobody" }))).toMatchObject({ firstBad: row });
    const columns = { actor: "eve", action: "secret.set", subject: `secret ${row}`, environment: "production" };
    expect(found(change({ columns }))).toMatchObject({ firstBad: row });
  });
});

test("a row that was deleted is named, also when those behind it were numbered anew", () => {
  always((row) => {
    const without = record.filter(({ number }) => number !== row);
    expect(found(without)).toMatchObject({ whole: false, firstBad: row });
    const closed = without.map((one, index) => ({ ...one, number: index + 1 }));
    expect(found(closed)).toMatchObject({ whole: false, firstBad: row });
  });
});

test("a row that was inserted is named", () => {
  always((row) => {
    const strange = { ...rowAt(row), entry: textOfEntry(entry(row, "never set")) };
    const inserted = [...record.slice(0, row - 1), strange, ...record.slice(row - 1)].map((one, index) => ({
      ...one,
      number: index + 1,
    }));
    expect(found(inserted)).toMatchObject({ whole: false, firstBad: row });
  });
});

test("of two rows that changed places the first is named", () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyRow, { minLength: 2, maxLength: 2 }), ([one = 1, other = 2]) => {
      const swapped = record.map((row) => {
        const from = row.number === one ? other : row.number === other ? one : row.number;
        return { ...rowAt(from), number: row.number };
      });
      expect(found(swapped)).toMatchObject({ whole: false, firstBad: Math.min(one, other) });
    }),
    { numRuns },
  );
});

test("a tail that was cut is found by the head outside, which names the first that is missing", () => {
  always((row) => {
    expect(found(record.slice(0, row - 1))).toMatchObject({ whole: false, firstBad: row });
  });
});

test("rows that were edited and hashed anew are named by their signatures, whoever signed them", () => {
  always((row) => {
    const texts = record.slice(row - 1).map((one) => renumbered(one.entry.replace("secret ", "Secret "), one.number));
    const before = record[row - 2] ?? noLink;
    for (const by of [null, theirs, { ...theirs, id: "ours" }]) {
      const again = [...record.slice(0, row - 1), ...chained(texts, by, before, row)];
      expect(found(again)).toMatchObject({ whole: false, firstBad: row });
    }
  });
});

test("rows that were hashed and signed anew with the stolen key are found by the head of the day before", () => {
  const texts = record.slice(29).map((one) => one.entry.replace("secret ", "Secret "));
  const again = [...record.slice(0, 29), ...chained(texts, ours, record[28], 30)];
  expect(found(again, [headAt(20), headAt(length)])).toMatchObject({
    whole: false,
    firstBad: 21,
    problem: `rows from 21 to ${length} were written anew after 2026-11-22T11:00:00.000Z`,
  });
});

test("rows that were hashed anew are named also where no head was kept", () => {
  const texts = record.slice(19).map((one) => one.entry.replace("secret ", "Secret "));
  const again = [...record.slice(0, 19), ...chained(texts, null, record[18], 20)];
  expect(found(again, [])).toMatchObject({ whole: false, firstBad: 20 });
});

test("rows that were added by nobody of ours are named", () => {
  const added = chained([textOfEntry(entry(length + 1))], null, record.at(-1), length + 1);
  expect(found([...record, ...added])).toMatchObject({ whole: false, firstBad: length + 1 });
});

test("a restore takes the heads back that came after it, and only one that we signed does", () => {
  const backup = record.slice(0, 30);
  const heads = [headAt(10), headAt(length)];
  const restored = { kind: "restored", number: 30, hash: record[29]?.hash ?? "" } as const;
  const at = "2026-11-22T12:00:00.000Z";
  expect(found(backup, [...heads, makeHead(restored, at, ours)])).toMatchObject({ whole: true, head: 30 });
  expect(found(backup, [...heads, makeHead(restored, at, theirs)])).toMatchObject({ whole: false, firstBad: 31 });
});

test("without any head the end is nobody's word", () => {
  expect(found(record, [])).toMatchObject({ whole: false, firstBad: null });
});
