import { sign } from "node:crypto";
import type { AuditEntry, NewAuditEntry } from "@fairway/core";
import type { PoolClient } from "pg";
import { whoActs } from "../audit/acting.ts";
import { eventOfEntry } from "../audit/event-of-entry.ts";
import type { AuditLink } from "../audit/audit-hash.ts";
import { hashOfEntry, noLink, signedText, textOfEntry } from "../audit/audit-hash.ts";
import type { Signer } from "../provenance/envelope.ts";
import type { Transaction } from "./store.ts";

/**
 * Puts a change, a decision or a refusal on record, in the transaction of the change: either both happen or neither. Written as
 * the transaction's last statement, so nobody waits for others' entries while holding rows. Call it once for each change.
 */
export function recordAudit(tx: Transaction, entry: NewAuditEntry): void {
  tx.audit(entry);
  const event = eventOfEntry(entry);
  if (event !== null) tx.emit(event);
}

/** The same for what is done on behalf of whoever acts here: the one who asked, or Fairway itself. */
export function recordChange(
  tx: Transaction,
  action: NewAuditEntry["action"],
  change: Pick<NewAuditEntry, "subject" | "environment" | "detail">,
): void {
  recordAudit(tx, { actor: whoActs(), action, ...change });
}

/**
 * Adds entries to the end of the record, as a transaction's last act. The lock is held until the commit, so the record has one
 * end and numbers follow the order of commits; taken in a statement of its own, because a statement sees what was committed
 * before it began and not while it waited.
 */
export async function appendAudit(
  client: PoolClient,
  entries: readonly NewAuditEntry[],
  signer: Signer | undefined,
): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtext('fairway.audit'))");
  const { rows } = await client.query<Partial<AuditLink> & { number: string; now: Date }>(
    `select coalesce(last.number, 0) as number, last.hash, last.signed_by as "signedBy", last.signature, clock_timestamp() as now
     from (select 1) as one left join (select * from fairway.audit order by number desc limit 1) as last on true`,
  );
  const [last] = rows;
  let number = Number(last?.number ?? 0);
  let link: AuditLink = number === 0 ? noLink : { ...noLink, ...last };
  const at = (last?.now ?? new Date()).toISOString();
  const added = entries.map(({ detail = {}, ...given }) => {
    number += 1;
    const entry: AuditEntry = { ...given, detail, number, at };
    const text = textOfEntry(entry);
    const hash = hashOfEntry(link, text);
    const signature = signer === undefined ? null : sign(null, signedText(hash), signer.key).toString("base64");
    link = { hash, signedBy: signer?.id ?? null, signature };
    const { actor, action, subject, environment } = JSON.parse(text) as AuditEntry;
    return [number, text, hash, signer?.id ?? null, signature, at, actor.name, action, subject, environment] as const;
  });
  const column = <Index extends number>(index: Index): readonly unknown[] => added.map((row) => row[index]);
  await client.query(
    `insert into fairway.audit (number, entry, hash, signed_by, signature, at, actor, action, subject, environment)
     select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[],
       $9::text[], $10::text[])`,
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(column),
  );
}
