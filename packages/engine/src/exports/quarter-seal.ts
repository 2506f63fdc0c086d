import { createHash } from "node:crypto";
import type { AuditHead } from "@fairway/core";
import type { AuditControl } from "../audit/audit-control.ts";
import { canonicalJson } from "../digest.ts";
import type { Envelope, Signer } from "../provenance/envelope.ts";
import { seal } from "../provenance/envelope.ts";
import type { Store } from "../store/store.ts";
import type { Quarter, SummaryForm } from "./quarter-summary.ts";
import { quarterTexts } from "./quarter-summary.ts";

/** What a summary's seal says of it. */
export interface SealedQuarter {
  readonly format: 1;
  readonly quarter: string;
  readonly from: string;
  readonly until: string;
  /** The last row of the record before the quarter's end; null where there is none. */
  readonly end: { readonly number: number; readonly hash: string } | null;
  /** The first signed head outside that vouches for it; null where none does yet. */
  readonly head: AuditHead | null;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
}

/** A seal as its file holds it. */
export interface WrittenSeal {
  readonly envelope: Envelope;
  /** In PEM: those by which the envelope and its head are known. */
  readonly keys: readonly string[];
}

/** What it is signed as. */
export const sealType = "application/vnd.fairway.quarter+json";

export const quarterForms: readonly SummaryForm[] = ["csv", "json", "md"];

/** What the summary of a quarter is called in each of its forms. */
export const quarterFile = (quarter: string, form: SummaryForm | "seal"): string =>
  `fairway-${quarter}.${{ md: "md", csv: "csv", json: "jsonl", seal: "seal.json" }[form]}`;

/**
 * Signs the digests of a quarter's summary in all of its forms, with where the record then ended. The same record gives the
 * same bytes.
 */
export async function quarterSeal(
  {
    store,
    audit,
    signer,
  }: { readonly store: Store; readonly audit: Pick<AuditControl, "evidence">; readonly signer: Signer },
  quarter: Quarter,
): Promise<string> {
  const read = quarterForms.map(() => ({ hash: createHash("sha256"), bytes: 0 }));
  for await (const texts of quarterTexts(store, quarter, quarterForms))
    for (const [place, one] of read.entries()) {
      const chunk = Buffer.from(texts[place] ?? "", "utf8");
      one.hash.update(chunk);
      one.bytes += chunk.length;
    }
  const files = Object.fromEntries(
    quarterForms.map((form, place) => [
      quarterFile(quarter.name, form),
      { sha256: read[place]?.hash.digest("hex") ?? "", bytes: read[place]?.bytes ?? 0 },
    ]),
  );
  const [last] = await store.rows<{ number: string; hash: string }>(
    "select number, hash from fairway.audit where at < $1 order by number desc limit 1",
    [quarter.until],
  );
  const end = last === undefined ? null : { number: Number(last.number), hash: last.hash };
  const { heads, keys } = await audit.evidence();
  const head = end === null ? null : (heads.find(({ number }) => number >= end.number) ?? null);
  const sealed: SealedQuarter = {
    ...{ format: 1, quarter: quarter.name, end, head, files },
    ...{ from: quarter.from.toISOString(), until: quarter.until.toISOString() },
  };
  const envelope = seal(sealType, Buffer.from(canonicalJson(sealed)), signer);
  const used = new Set([signer.id, ...(head === null ? [] : [head.key])]);
  const pems = keys.filter(({ id }) => used.has(id)).map(({ publicKey }) => publicKey);
  return `${canonicalJson({ envelope, keys: pems.toSorted() } satisfies WrittenSeal)}\n`;
}
