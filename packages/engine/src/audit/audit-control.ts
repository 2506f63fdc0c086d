import type { KeyObject } from "node:crypto";
import { createPublicKey } from "node:crypto";
import type { AuditEntry, AuditHead } from "@fairway/core";
import { codeOf, messageOf, systemActor } from "@fairway/core";
import type { SigningKey } from "../provenance/signing-key.ts";
import { recordAudit } from "../store/audit.ts";
import type { AuditQuery } from "../store/audit-rows.ts";
import { auditEntries, auditRowsAfter, lastRow } from "../store/audit-rows.ts";
import { byId, knownKeys } from "../store/signing-keys.ts";
import type { Store } from "../store/store.ts";
import type { HeadKeeper } from "./keep-heads.ts";
import { headKeeper } from "./keep-heads.ts";
import type { AuditFinding, AuditRow } from "./verify-audit.ts";
import { auditVerifier } from "./verify-audit.ts";

/** The record, as people look at it. */
export interface AuditControl {
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Rows in their order, as they are verified. */
  rows(after: number, limit: number): Promise<readonly AuditRow[]>;
  /** Whether the record is what was written. */
  verify(): Promise<AuditFinding>;
  /** The signed heads outside, and the public keys by which they and the rows are known. */
  evidence(): Promise<{
    readonly heads: readonly AuditHead[];
    readonly keys: readonly { readonly id: string; readonly publicKey: string }[];
  }>;
  /** Where the heads lie. */
  readonly headsIn: string;
  /**
   * Vouches for where the record ends now, its newest hash where that is known. May be repeated; what it cannot do is told
   * once.
   */
  vouch(newest?: string): Promise<void>;
  /** Why it could not the last time; null when it could. */
  trouble(): string | null;
}

/** What the record is kept with. */
export interface AuditControlParts {
  readonly store: Store;
  readonly key: SigningKey;
  /** The file of the signed heads. */
  readonly heads: string;
  /** Of Fairway. */
  readonly version: string;
  readonly tell: (problem: string) => void;
}

const page = 5_000;

/**
 * Opens the record, and puts on it that a daemon has started. `restored`: a backup has taken the record back since the last
 * one, and rightly.
 */
export async function openAudit(parts: AuditControlParts, restored: boolean): Promise<AuditControl> {
  const { store, key } = parts;
  const heads = headKeeper(store, parts.heads, key);
  const state: { trouble: string | null } = { trouble: null };
  const vouch = vouching(heads, state, parts.tell);
  if (restored) await heads.restored();
  await store.transaction(async (tx) => {
    const isFirst = (await lastRow(tx)) === null;
    const entry = { actor: systemActor, subject: key.id, environment: null, detail: { version: parts.version } };
    if (isFirst) recordAudit(tx, { ...entry, action: "audit.began" });
    if (restored) recordAudit(tx, { ...entry, action: "backup.restored" });
    recordAudit(tx, { ...entry, action: "daemon.started" });
  });
  await vouch();

  const keysOf = async (): Promise<ReadonlyMap<string, KeyObject>> =>
    // Our own from its file: what the database says of it may be somebody else's.
    new Map([...byId(await knownKeys(store)), [key.id, createPublicKey(key.publicKey)]]);

  return {
    headsIn: parts.heads,
    vouch,
    trouble: () => state.trouble,
    list: (query) => auditEntries(store, query),
    rows: (after, limit) => auditRowsAfter(store, after, limit),
    evidence: async () => {
      const others = (await knownKeys(store)).filter(({ id }) => id !== key.id);
      return {
        heads: await heads.read(),
        keys: [key, ...others].map(({ id, publicKey }) => ({ id, publicKey })),
      };
    },
    async verify() {
      // The heads first: a row that comes meanwhile is newer than they are.
      const vouched = await heads.read();
      const verifier = auditVerifier(await keysOf());
      for (let rows = await auditRowsAfter(store, 0, page); ;) {
        const isLast = rows.length < page;
        // The database looks for the next page while this one is worked through.
        const next = isLast ? Promise.resolve([]) : auditRowsAfter(store, rows.at(-1)?.number ?? 0, page);
        const isWell = rows.every((row) => verifier.add(row));
        rows = await next;
        if (!isWell || isLast) return verifier.finish(vouched, true);
      }
    },
  };
}

/** Tells what goes wrong when it begins to, and not every second. */
function vouching(
  heads: HeadKeeper,
  state: { trouble: string | null },
  tell: (problem: string) => void,
): AuditControl["vouch"] {
  return async (newest) => {
    try {
      await heads.write(newest);
      state.trouble = null;
    } catch (thrown) {
      // The database is away; who asks it something is told.
      if (codeOf(thrown) === "database_unavailable") return;
      const problem = `could not vouch for the audit in ${heads.path}: ${messageOf(thrown)}`;
      if (problem !== state.trouble) tell(problem);
      state.trouble = problem;
    }
  };
}
