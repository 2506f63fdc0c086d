import type { AuditEntryShape } from "@fairway/api";
import type { AuditEntry } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { AuditControl, Store } from "@fairway/engine";
import { recordAudit } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

type AuditOperations = "audit" | "auditRows" | "auditVerification";

/** What is asked of the record. That somebody took it away is itself on record. */
export function auditHandlers(record: AuditControl, store: Store): Pick<Handlers, AuditOperations> {
  return {
    audit: async ({ since, until, ...query }) =>
      (await record.list({ ...query, since: timeOf(since, "since"), until: timeOf(until, "until") })).map(entryView),
    auditRows: async ({ after, limit }, { actor }) => {
      if (after === 0) {
        await store.transaction(async (tx) =>
          recordAudit(tx, { actor, action: "audit.exported", subject: "audit", environment: null }),
        );
        await record.vouch();
      }
      const [rows, { heads, keys }] = [await record.rows(after, limit), await record.evidence()];
      return {
        rows: rows.map(({ number, entry, hash, signedBy, signature }) => ({
          number,
          entry,
          hash,
          signedBy,
          signature,
        })),
        heads: [...heads],
        keys: [...keys],
      };
    },
    auditVerification: async () => {
      const { notes, ...found } = await record.verify();
      return { ...found, headsIn: record.headsIn, notes: [...notes] };
    },
  };
}

const entryView = ({ actor, detail, ...entry }: AuditEntry): AuditEntryShape => ({
  ...entry,
  actor: { ...actor },
  detail: { ...detail },
});

/** A day or a moment. Throws `bad_request`. */
function timeOf(text: string | undefined, name: string): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new FairwayError("bad_request", `${name}: ${JSON.stringify(text.slice(0, 40))} is no time`, {
    hint: "write 2026-11-22 or 2026-11-22T10:00:00Z",
  });
}
