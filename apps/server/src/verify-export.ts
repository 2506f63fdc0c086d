import type { KeyObject } from "node:crypto";
import { createPublicKey } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { AuditHead } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { AuditFinding, AuditRow } from "@fairway/engine";
import { auditVerifier, headsFrom, keyIdOf } from "@fairway/engine";

/** A line of an export. */
type Line =
  | ({ readonly type: "row" } & AuditRow)
  | ({ readonly type: "head" } & AuditHead)
  | { readonly type: "key"; readonly id: string; readonly publicKey: string };

/** Where else than in the export the heads and the key are. */
export interface ExportEvidence {
  readonly heads: string | null;
  /** A public key in PEM, which alone is trusted. */
  readonly key: string | null;
}

/** Verifies an export as a daemon verifies its record. Throws `bad_request` with the line that is none. */
export async function verifyExport(
  path: string,
  { heads, key }: ExportEvidence,
): Promise<AuditFinding & { readonly headsIn: string; readonly notes: string[] }> {
  const keys = new Map<string, KeyObject>(key === null ? [] : [await trusted(key)]);
  const brought: AuditHead[] = [];
  const verifier = auditVerifier(keys);
  let isWell = true;
  for await (const line of linesOf(path)) {
    // The keys come first, so that they are known when the first row is read.
    if (line.type === "key" && key === null) keys.set(line.id, createPublicKey(line.publicKey));
    if (line.type === "row" && isWell) isWell = verifier.add(line);
    if (line.type === "head") brought.push(line);
  }
  const vouched = heads === null ? brought : headsFrom(await text(heads), heads);
  const finding = verifier.finish(vouched, false);
  const trust = `the export brought its keys itself: compare ${[...keys.keys()].join(", ")} with what you know, or give --key`;
  const notes = [...finding.notes, ...(key === null ? [trust] : [])];
  if (vouched.length === 0) notes.push("no head vouches for where the record ends");
  return { ...finding, headsIn: heads ?? path, notes };
}

async function* linesOf(path: string): AsyncGenerator<Line> {
  const input = createReadStream(path, "utf8");
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() !== "") yield lineFrom(line, `${path}:${number}`);
    }
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "bad_request") throw thrown;
    throw unreadable(path, thrown);
  }
}

function lineFrom(line: string, place: string): Line {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch (thrown) {
    throw unreadable(place, thrown);
  }
  const { type } = (read ?? {}) as { readonly type?: unknown };
  if (type === "row" || type === "head" || type === "key") return read as Line;
  throw unreadable(place, "it is no line of an export");
}

async function trusted(path: string): Promise<readonly [string, KeyObject]> {
  try {
    const key = createPublicKey(await text(path));
    return [keyIdOf(key), key];
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

const text = (path: string): Promise<string> =>
  readFile(path, "utf8").catch((thrown: unknown) => {
    throw unreadable(path, thrown);
  });

const unreadable = (place: string, thrown: unknown): FairwayError =>
  new FairwayError("bad_request", `could not read ${place}: ${messageOf(thrown)}`);
