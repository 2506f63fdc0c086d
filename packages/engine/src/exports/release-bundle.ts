import { createHash } from "node:crypto";
import type { DutyPlan, ReleaseId } from "@fairway/core";
import { ZipFile } from "yazl";
import type { AuditControl } from "../audit/audit-control.ts";
import type { AuditLink } from "../audit/audit-hash.ts";
import { noLink } from "../audit/audit-hash.ts";
import { canonicalJson } from "../digest.ts";
import type { Signer } from "../provenance/envelope.ts";
import { seal } from "../provenance/envelope.ts";
import { dutyRecords } from "../store/duty-records.ts";
import { envelopeOf, releaseById } from "../store/releases.ts";
import type { Sql, Store } from "../store/store.ts";

/** A row of the record with what it takes to verify it alone: the link before it, which its hash holds. */
export interface ProvenRow extends AuditLink {
  readonly number: number;
  readonly entry: string;
  readonly before: AuditLink;
}

/** What is in a bundle, by which each file of it is known. */
export interface BundleManifest {
  readonly format: 1;
  readonly release: string;
  readonly digest: string;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
}

/** What the manifest is signed as. */
export const bundleType = "application/vnd.fairway.bundle+json";

export interface BundleParts {
  readonly store: Store;
  readonly audit: Pick<AuditControl, "evidence">;
  readonly signer: Signer;
  readonly plan: () => Promise<DutyPlan>;
}

/**
 * All that is on record of a release: what it is and how it came to be, its deployments, decisions, approvals, waivers and
 * notices, and the newest evidence of every duty; each row with its proof, all under one signature. The same inputs give the
 * same bytes. Throws `not_found`.
 */
export async function releaseBundle({ store, audit, signer, plan }: BundleParts, id: ReleaseId): Promise<Buffer> {
  const release = await releaseById(store, id);
  const told = await numbersOf(store, id, await plan());
  const { heads, keys } = await audit.evidence();
  // The first that vouches for all of it: one that is made later leaves the bundle as it is.
  const head = heads.find(({ number }) => number >= (told.at(-1) ?? 0)) ?? heads.at(-1) ?? null;
  // With the row that it is of, so that the one is held against the other.
  const numbers = head === null ? told : [...new Set([...told, head.number])].toSorted((one, other) => one - other);
  const rows = await provenRows(store, numbers);
  const used = new Set([
    signer.id,
    ...(head === null ? [] : [head.key]),
    ...rows.flatMap(({ signedBy }) => (signedBy === null ? [] : [signedBy])),
  ]);
  const files: Readonly<Record<string, string>> = {
    "evidence.jsonl": rows.map((row) => `${canonicalJson(row)}\n`).join(""),
    "heads.jsonl": head === null ? "" : `${canonicalJson(head)}\n`,
    "keys.json": `${canonicalJson(keys.filter((key) => used.has(key.id)).toSorted((one, other) => (one.id < other.id ? -1 : 1)))}\n`,
    "provenance.json": `${canonicalJson(await envelopeOf(store, id))}\n`,
    "release.json": `${canonicalJson(release)}\n`,
  };
  const manifest: BundleManifest = {
    format: 1,
    release: id,
    digest: release.digest,
    files: Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, { sha256: sha256(text), bytes: Buffer.byteLength(text) }]),
    ),
  };
  const signed = seal(bundleType, Buffer.from(canonicalJson(manifest)), signer);
  return zipped({ "manifest.json": `${canonicalJson(signed)}\n`, ...files });
}

/** The rows of the record that speak of a release, of its deployments, or of what was owed for it. */
async function numbersOf(sql: Sql, id: ReleaseId, plan: DutyPlan): Promise<readonly number[]> {
  const named = await sql.rows<{ number: string }>(
    `with runs as (select run from fairway.deployments where release = $1
                   union select run from fairway.releases where id = $1)
     select number from fairway.audit
     where subject = $1 or subject in (select run from runs) or subject = any($2)
        or (action in ('duty.waived', 'incident.opened') and entry::json->'detail'->>'release' = $1)`,
    [id, plan.duties.map((duty) => `${duty.id}#${id}`)],
  );
  const newest = await dutyRecords(
    sql,
    plan.duties.map(({ id: duty, cadence }) => ({ duty, release: cadence.kind === "release" ? id : null })),
  );
  const evidence = [...newest.values()].flatMap(({ passed, newest: last, waivers }) => [
    ...(passed === null ? [] : [passed.number]),
    ...(last === null ? [] : [last.number]),
    ...waivers.map(({ number }) => number),
  ]);
  return [...new Set([...named.map(({ number }) => Number(number)), ...evidence])].toSorted((a, b) => a - b);
}

async function provenRows(sql: Sql, numbers: readonly number[]): Promise<readonly ProvenRow[]> {
  const rows = await sql.rows<
    AuditLink & {
      number: string;
      entry: string;
      hashBefore: string | null;
      signerBefore: string | null;
      signatureBefore: string | null;
    }
  >(
    `select a.number, a.entry, a.hash, a.signed_by as "signedBy", a.signature,
       b.hash as "hashBefore", b.signed_by as "signerBefore", b.signature as "signatureBefore"
     from fairway.audit a left join fairway.audit b on b.number = a.number - 1
     where a.number = any($1) order by a.number`,
    [numbers],
  );
  return rows.map(({ number, entry, hash, signedBy, signature, hashBefore, signerBefore, signatureBefore }) => ({
    ...{ number: Number(number), entry, hash, signedBy, signature },
    before: hashBefore === null ? noLink : { hash: hashBefore, signedBy: signerBefore, signature: signatureBefore },
  }));
}

/** Stored and not deflated, in one order and of one time: another version of zlib would give other bytes. */
async function zipped(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files))
    zip.addBuffer(Buffer.from(text), name, {
      mtime: new Date(1980, 0, 1),
      forceDosTimestamp: true,
      mode: 0o100644,
      compress: false,
    });
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");
