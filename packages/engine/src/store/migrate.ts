import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { PoolClient } from "pg";
import { databaseError } from "../database/database-error.ts";
import { releasesMigration } from "./migrations/0002-releases.ts";
import { provenanceMigration } from "./migrations/0004-provenance.ts";
import { runsMigration } from "./migrations/0001-runs.ts";
import { workerFaultsMigration } from "./migrations/0003-worker-faults.ts";
import { workflowsMigration } from "./migrations/0005-workflows.ts";
import { greenChecksMigration } from "./migrations/0006-green-checks.ts";
import { quarantineMigration } from "./migrations/0007-quarantine.ts";
import { flagsMigration } from "./migrations/0009-flags.ts";
import { outcomesMigration } from "./migrations/0008-outcomes.ts";
import { analysisMigration } from "./migrations/0010-analysis.ts";
import { registryMigration } from "./migrations/0011-registry.ts";
import { infrastructureMigration } from "./migrations/0017-infrastructure.ts";
import { keylessProofsMigration } from "./migrations/0013-keyless-proofs.ts";
import { peopleMigration } from "./migrations/0015-people.ts";
import { auditMigration } from "./migrations/0014-audit.ts";
import { secretsMigration } from "./migrations/0016-secrets.ts";
import { triggersMigration } from "./migrations/0019-triggers.ts";
import { forgeMigration } from "./migrations/0020-forge.ts";
import { gatesMigration } from "./migrations/0021-gates.ts";
import { noticesMigration } from "./migrations/0022-notices.ts";
import { previewsMigration } from "./migrations/0023-previews.ts";
import { askersMigration } from "./migrations/0024-askers.ts";
import { approvalLinksMigration } from "./migrations/0025-approval-links.ts";
import { migrationsOnRecordMigration } from "./migrations/0027-migrations-on-record.ts";
import { pagesMigration } from "./migrations/0029-pages.ts";
import { startedRunsMigration } from "./migrations/0030-started-runs.ts";
import { checkResultsMigration } from "./migrations/0035-check-results.ts";
import { pausedRunsMigration } from "./migrations/0033-paused-runs.ts";
import { dutiesMigration } from "./migrations/0038-duties.ts";
import { checkPlacesMigration } from "./migrations/0040-check-places.ts";
import { journeyWorkersMigration } from "./migrations/0042-journey-workers.ts";
import { alertsMigration } from "./migrations/0059-alerts.ts";
import { contentMigration } from "./migrations/0061-content.ts";
import { newestEvidenceMigration } from "./migrations/0075-newest-evidence.ts";
import { correctedEvidenceMigration } from "./migrations/0079-corrected-evidence.ts";
import { scansMigration } from "./migrations/0077-scans.ts";
import { bakeTurnsMigration } from "./migrations/0053-bake-turns.ts";
import { drillsMigration } from "./migrations/0049-drills.ts";
import { operationsMigration } from "./migrations/0047-operations.ts";
import { planSummariesMigration } from "./migrations/0031-plan-summaries.ts";
import { hostedMigration } from "./migrations/0046-hosted.ts";
import { contractsMigration } from "./migrations/0036-contracts.ts";
import type { Store } from "./store.ts";

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: string;
}

/** In order; none is ever changed once it was released. */
const migrations: readonly Migration[] = [
  { number: 1, name: "runs", statements: runsMigration },
  { number: 2, name: "releases", statements: releasesMigration },
  { number: 3, name: "worker-faults", statements: workerFaultsMigration },
  { number: 4, name: "provenance", statements: provenanceMigration },
  { number: 5, name: "workflows", statements: workflowsMigration },
  { number: 6, name: "green-checks", statements: greenChecksMigration },
  { number: 7, name: "quarantine", statements: quarantineMigration },
  { number: 8, name: "outcomes", statements: outcomesMigration },
  { number: 9, name: "flags", statements: flagsMigration },
  { number: 10, name: "analysis", statements: analysisMigration },
  { number: 11, name: "registry", statements: registryMigration },
  { number: 13, name: "keyless-proofs", statements: keylessProofsMigration },
  { number: 14, name: "audit", statements: auditMigration },
  { number: 15, name: "people", statements: peopleMigration },
  { number: 16, name: "secrets", statements: secretsMigration },
  { number: 17, name: "infrastructure", statements: infrastructureMigration },
  { number: 19, name: "triggers", statements: triggersMigration },
  { number: 20, name: "forge", statements: forgeMigration },
  { number: 21, name: "gates", statements: gatesMigration },
  { number: 22, name: "notices", statements: noticesMigration },
  { number: 23, name: "previews", statements: previewsMigration },
  { number: 24, name: "askers", statements: askersMigration },
  { number: 25, name: "approval-links", statements: approvalLinksMigration },
  { number: 27, name: "migrations-on-record", statements: migrationsOnRecordMigration },
  { number: 29, name: "pages", statements: pagesMigration },
  { number: 30, name: "started-runs", statements: startedRunsMigration },
  { number: 31, name: "plan-summaries", statements: planSummariesMigration },
  { number: 33, name: "paused-runs", statements: pausedRunsMigration },
  { number: 35, name: "check-results", statements: checkResultsMigration },
  { number: 36, name: "contracts", statements: contractsMigration },
  { number: 38, name: "duties", statements: dutiesMigration },
  { number: 40, name: "check-places", statements: checkPlacesMigration },
  { number: 42, name: "journey-workers", statements: journeyWorkersMigration },
  { number: 46, name: "hosted", statements: hostedMigration },
  { number: 47, name: "operations", statements: operationsMigration },
  { number: 49, name: "drills", statements: drillsMigration },
  { number: 53, name: "bake-turns", statements: bakeTurnsMigration },
  { number: 59, name: "alerts", statements: alertsMigration },
  { number: 61, name: "content", statements: contentMigration },
  { number: 75, name: "newest-evidence", statements: newestEvidenceMigration },
  { number: 77, name: "scans", statements: scansMigration },
  { number: 79, name: "corrected-evidence", statements: correctedEvidenceMigration },
];

/**
 * Does something that only one process may do at a time. It asks again and again for the lock rather than waiting for
 * it: a process that waits holds a snapshot, and `create index concurrently`, which DBOS uses in its own migrations,
 * waits for that. Without any lock 16 of 24 first launches of several workers ended in a deadlock.
 */
export async function alone<Result>(
  store: Store,
  what: string,
  work: () => Promise<Result>,
  within: Millis = 60_000,
): Promise<Result> {
  const client = await store.pool.connect().catch((thrown: unknown) => {
    throw databaseError("reach the database", thrown);
  });
  try {
    for (const since = performance.now(); ;) {
      const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_lock(hashtext($1)) as mine", [
        `fairway.${what}`,
      ]);
      if (rows[0]?.mine) break;
      if (performance.now() - since > within)
        throw new FairwayError(
          "database_unusable",
          `another process has been busy with "${what}" for ${within / 1000} s`,
          {
            hint: "end the other Fairway process, or try again later",
            retryable: true,
          },
        );
      await wait(50);
    }
    return await work();
  } catch (thrown) {
    throw databaseError(`begin to ${what}`, thrown);
  } finally {
    // The lock goes with the connection, whatever happened to it.
    client.release(true);
  }
}

/** Brings the tables up to what this version needs. Refuses a database of a newer version, or one that was altered. */
export async function migrate(store: Store): Promise<void> {
  await alone(store, "migrate", async () => {
    const client = await store.pool.connect();
    try {
      await client.query("create schema if not exists fairway");
      await client.query(`create table if not exists fairway.migrations
        (number integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`);
      const { rows } = await client.query<{ number: number; checksum: string }>(
        "select number, checksum from fairway.migrations",
      );
      const applied = new Map(rows.map((row) => [row.number, row.checksum]));
      refuseStrangers([...applied.keys()]);
      for (const migration of migrations) await apply(client, migration, applied.get(migration.number));
    } finally {
      client.release();
    }
  });
}

function refuseStrangers(applied: readonly number[]): void {
  const newest = Math.max(0, ...applied);
  const known = migrations.at(-1)?.number ?? 0;
  if (newest <= known) return;
  throw new FairwayError(
    "database_unusable",
    `the database was prepared by a newer Fairway: it is at ${newest}, this one knows ${known}`,
    {
      hint: "run the newer Fairway, or restore the backup from before the upgrade",
    },
  );
}

async function apply(
  client: PoolClient,
  { number, name, statements }: Migration,
  applied: string | undefined,
): Promise<void> {
  const checksum = createHash("sha256").update(statements).digest("hex");
  if (applied === checksum) return;
  if (applied !== undefined)
    throw new FairwayError(
      "database_unusable",
      `migration ${number} (${name}) is not what was applied to this database`,
      {
        hint: "a released migration never changes; run the Fairway that prepared this database",
      },
    );
  try {
    await client.query("begin");
    await client.query(statements);
    await client.query("insert into fairway.migrations (number, name, checksum) values ($1, $2, $3)", [
      number,
      name,
      checksum,
    ]);
    await client.query("commit");
  } catch (thrown) {
    await client.query("rollback");
    throw databaseError(`apply migration ${number} (${name})`, thrown);
  }
}
