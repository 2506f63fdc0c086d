import { statfs } from "node:fs/promises";
import { createPublicKey } from "node:crypto";
import { FairwayError } from "@fairway/core";
import type { AuditControl } from "../audit/audit-control.ts";
import { auditVerifier } from "../audit/verify-audit.ts";
import { askOnce } from "../database/ask-once.ts";
import { newestKept, noBinaries } from "../database/binaries.ts";
import { makeRunnable } from "../database/database-directory.ts";
import type { IsolatedServer } from "../database/isolated-server.ts";
import { auditRowsAfter } from "../store/audit-rows.ts";
import { migrate } from "../store/migrate.ts";
import type { Sql, Store } from "../store/store.ts";
import { openStore } from "../store/store.ts";
import type { DrillFinding, DrillMigration, DrillParts } from "./drill-parts.ts";

/** What Fairway's own database is drilled with. */
export interface OwnDrillParts {
  readonly store: Store;
  readonly audit: Pick<AuditControl, "evidence">;
  /** Holds the programs of the server. */
  readonly databaseDirectory: string;
}

type Own = Pick<DrillParts, "room" | "programs" | "load" | "heartbeat" | "migrations" | "boot">;

/** How Fairway's own database is looked at: as it looks at itself when it starts. */
export function ownDrill({ store, audit, databaseDirectory: path }: OwnDrillParts): Own {
  return {
    room: async (directory) => {
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize;
    },
    programs: async (version) => {
      const major = Number.parseInt(version ?? "", 10);
      const kept = newestKept(path, major);
      if (kept === undefined) throw noBinaries(major);
      return makeRunnable({ path, cluster: "" }, kept);
    },
    load: async () => {
      throw new FairwayError("internal", "a base backup is a cluster already");
    },
    heartbeat: (server) =>
      askOnce(server.connection, async (ask) => {
        const [row] = await ask<{ readonly at: Date }>("select at from fairway.heartbeat");
        return row?.at.toISOString() ?? null;
      }),
    migrations: {
      recorded: ({ startedAt }) => migrationsOf(store, new Date(startedAt)),
      found: (server) => onCopy(server, (copy) => migrationsOf(copy, null)),
      forward: (server) =>
        onCopy(server, async (copy) => {
          const before = await migrationsOf(copy, null);
          await migrate(copy);
          return `this version takes it ${(await migrationsOf(copy, null)).length - before.length} forward`;
        }),
    },
    boot: (server) => onCopy(server, (copy) => wholeRecord(copy, audit)),
  };
}

async function migrationsOf(sql: Sql, before: Date | null): Promise<readonly DrillMigration[]> {
  const rows = await sql.rows<{ number: number; name: string; checksum: string }>(
    "select number, name, checksum from fairway.migrations where $1::timestamptz is null or applied_at <= $1 order by number",
    [before],
  );
  return rows.map(({ number, name, checksum }) => ({ database: "fairway", id: `${number} (${name})`, checksum }));
}

const page = 5_000;

/**
 * Fairway reads the copy as its own: the whole record, each row held against the one before and the newest against its
 * signature.
 */
async function wholeRecord(copy: Store, audit: OwnDrillParts["audit"]): Promise<DrillFinding> {
  const { heads, keys } = await audit.evidence();
  const verifier = auditVerifier(new Map(keys.map(({ id, publicKey }) => [id, createPublicKey(publicKey)])));
  let last = 0;
  for (;;) {
    const rows = await auditRowsAfter(copy, last, page);
    const isWell = rows.every((row) => verifier.add(row));
    last = rows.at(-1)?.number ?? last;
    if (!isWell || rows.length < page) break;
  }
  // Heads from after the backup vouch for what it cannot have.
  const { whole, problem, rows } = verifier.finish(
    heads.filter(({ number }) => number <= last),
    false,
  );
  return whole
    ? { outcome: "passed", why: `this version reads it: all ${rows} rows of its record are whole`, facts: { rows } }
    : { outcome: "failed", why: problem ?? "its record is not whole", facts: { rows } };
}

async function onCopy<Value>({ connection }: IsolatedServer, work: (copy: Store) => Promise<Value>): Promise<Value> {
  const copy = openStore({ ...connection, max: 2 });
  try {
    return await work(copy);
  } finally {
    await copy.close();
  }
}
