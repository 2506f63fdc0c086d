import type { KeyObject } from "node:crypto";
import { verify } from "node:crypto";
import type { AuditEntry, AuditHead } from "@fairway/core";
import type { AuditLink } from "./audit-hash.ts";
import { hashOfEntry, noLink, signedText } from "./audit-hash.ts";
import { signedHead } from "./audit-head.ts";

/** A row as it was read, from the database or from an export. */
export interface AuditRow extends AuditLink {
  readonly number: number;
  /** The text that was hashed. */
  readonly entry: string;
  /** What the columns beside it say, where they were read: people search by them. */
  readonly columns?: {
    readonly actor: string;
    readonly action: string;
    readonly subject: string;
    readonly environment: string | null;
  };
}

/** Whether a record is what was written. */
export interface AuditFinding {
  readonly whole: boolean;
  /** How many rows were read. */
  readonly rows: number;
  /** The number of the first row that is not as it was written; null when there is none, or when the fault is not in a row. */
  readonly firstBad: number | null;
  readonly problem: string | null;
  /** The newest row that a head outside vouches for; null when none does. */
  readonly head: number | null;
  /** What is worth knowing although nothing is wrong. */
  readonly notes: readonly string[];
}

/** Reads rows in their order and says what is wrong with them. */
export interface AuditVerifier {
  /** False once a row is bad, when there is nothing more to be found out. */
  add(row: AuditRow): boolean;
  /** With the heads as their file has them, the oldest first. `needsHead`: it is a fault when there is none. */
  finish(heads: readonly AuditHead[], needsHead: boolean): AuditFinding;
}

interface Fault {
  readonly row: number;
  readonly why: string;
  /** Of a fault that lies somewhere between two heads: up to where. */
  readonly until?: number;
}

/** The first of all; what two heads enclose gives way to a row in between that is known. */
function firstOf(rows: readonly (Fault | null)[], enclosed: Fault | null): Fault | null {
  const known = rows.filter((fault) => fault !== null).toSorted((one, other) => one.row - other.row)[0] ?? null;
  if (enclosed === null || known === null) return known ?? enclosed;
  const { row, until = row } = enclosed;
  return known.row <= until ? known : enclosed;
}

/** Holds every row against the one before, then signatures and heads against all. Keys are public ones, by their ids. */
export function auditVerifier(keys: ReadonlyMap<string, KeyObject>): AuditVerifier {
  const links: AuditLink[] = [];
  let fault: Fault | null = null;

  return {
    add(row) {
      const expected = links.length + 1;
      const why = faultOf(row, expected, links.at(-1) ?? noLink);
      if (why === null) links.push({ hash: row.hash, signedBy: row.signedBy, signature: row.signature });
      // A link that was changed shows in the row behind it; the signature tells which of the two it was.
      else
        fault =
          row.number === expected && links.length > 0 && isForged(links.at(-1), keys)
            ? { row: expected - 1, why: `the signature of row ${expected - 1} is not the one it was given` }
            : { row: expected, why };
      return fault === null;
    },
    finish(heads, needsHead) {
      const held = holding(heads.filter((head) => signedHead(head, keys)));
      const first = firstOf([fault, signatureFault(links, keys)], headFault(links, held));
      const forged = heads.find((head) => !signedHead(head, keys));
      const newest = held.filter((head) => links[head.number - 1]?.hash === head.hash).at(-1)?.number ?? null;
      const missing = needsHead && heads.length === 0 ? "no signed head vouches for where the record ends" : null;
      const problem =
        first?.why ??
        (forged === undefined ? missing : `the head of ${forged.at} is not signed by a key that is known`);
      return {
        whole: problem === null,
        rows: links.length,
        firstBad: first?.row ?? null,
        problem,
        head: newest,
        notes: [...notesOn(heads, held), ...newerThan(links.length, newest)],
      };
    },
  };
}

function faultOf(row: AuditRow, expected: number, before: AuditLink): string | null {
  if (row.number !== expected) return `row ${expected} is missing`;
  if (hashOfEntry(before, row.entry) !== row.hash) return `row ${expected} is not what was hashed`;
  let entry: AuditEntry;
  try {
    entry = JSON.parse(row.entry) as AuditEntry;
  } catch {
    return `row ${expected} is no entry`;
  }
  if (entry.number !== expected) return `row ${expected} was written as row ${String(entry.number)}`;
  const { columns } = row;
  const isAsWritten =
    columns === undefined ||
    (columns.actor === entry.actor.name &&
      columns.action === entry.action &&
      columns.subject === entry.subject &&
      columns.environment === entry.environment);
  return isAsWritten ? null : `the columns of row ${expected} do not say what its entry says`;
}

/** Whether a row carries a signature of a key that is known, and of something else. */
function isForged(link: AuditLink | undefined, keys: ReadonlyMap<string, KeyObject>): boolean {
  return link !== undefined && link.signedBy !== null && keys.size > 0 && !isSigned(link, keys);
}

function isSigned({ hash, signedBy, signature }: AuditLink, keys: ReadonlyMap<string, KeyObject>): boolean {
  const key = keys.get(signedBy ?? "");
  return (
    key !== undefined && signature !== null && verify(null, signedText(hash), key, Buffer.from(signature, "base64"))
  );
}

/**
 * Whoever writes rows anew can hash them but not sign them: from the first of them on no signature fits any more, so the last
 * row says whether there is one, and halving finds it.
 */
function signatureFault(links: readonly AuditLink[], keys: ReadonlyMap<string, KeyObject>): Fault | null {
  const began = links.findIndex(({ signature }) => signature !== null);
  const last = links.at(-1);
  if (began === -1 || last === undefined || isSigned(last, keys)) return null;
  let low = began;
  let high = links.length - 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const link = links[middle];
    if (link !== undefined && isSigned(link, keys)) low = middle + 1;
    else high = middle;
  }
  const signer = links[low]?.signedBy ?? null;
  const why =
    signer === null
      ? `row ${low + 1} is not signed, although rows before it are`
      : keys.has(signer)
        ? `row ${low + 1} was written anew: its signature is that of another text`
        : `row ${low + 1} is signed by ${signer}, a key that is not known`;
  return { row: low + 1, why };
}

/** The heads that still hold: a restore takes back those behind where it went to. */
function holding(heads: readonly AuditHead[]): readonly AuditHead[] {
  return heads.reduce<readonly AuditHead[]>(
    (held, head) => [...(head.kind === "restored" ? held.filter(({ number }) => number < head.number) : held), head],
    [],
  );
}

function headFault(links: readonly AuditLink[], held: readonly AuditHead[]): Fault | null {
  let good = 0;
  for (const head of held.filter(({ number }) => number > 0).toSorted((one, other) => one.number - other.number)) {
    const link = links[head.number - 1];
    if (link === undefined)
      return {
        row: links.length + 1,
        why: `row ${links.length + 1} is missing: on ${head.at} there were ${head.number}`,
      };
    if (link.hash !== head.hash)
      return {
        row: good + 1,
        until: head.number,
        why: `rows from ${good + 1} to ${head.number} were written anew after ${head.at}`,
      };
    good = head.number;
  }
  return null;
}

const notesOn = (heads: readonly AuditHead[], held: readonly AuditHead[]): readonly string[] =>
  heads
    .filter(({ kind }) => kind === "restored")
    .map(({ number, at }) => `on ${at} a backup took the record back to row ${number}`)
    .concat(heads.length > held.length ? [`${heads.length - held.length} heads hold no longer since`] : []);

const newerThan = (rows: number, head: number | null): readonly string[] =>
  head !== null && rows > head ? [`rows from ${head + 1} on are newer than the newest head`] : [];
