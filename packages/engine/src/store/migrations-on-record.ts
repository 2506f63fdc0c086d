import type { Digest, MigrationClass, PlannedMigration } from "@fairway/core";
import { systemActor } from "@fairway/core";
import { recordAudit } from "./audit.ts";
import type { Transaction } from "./store.ts";

/** A migration that a run has brought to a database of an environment, or taken back from it. */
export interface BroughtMigration {
  readonly environment: string;
  readonly service: string;
  readonly id: string;
  readonly run: string;
  readonly direction: PlannedMigration["direction"];
  readonly class: MigrationClass;
  readonly checksum: Digest;
}

/**
 * Puts on record what was brought to users' databases and is not on it yet: what is told again, after a crash or from a
 * database's own table, is there once. What names a run that never deployed to that environment is not ours and is left
 * out: a copy of another environment's database says whose it was. Answers with what was missing.
 */
export async function putOnRecord(
  tx: Transaction,
  brought: readonly BroughtMigration[],
): Promise<readonly BroughtMigration[]> {
  if (brought.length === 0) return [];
  const column = (key: "environment" | "service" | "id" | "run" | "direction"): readonly string[] =>
    brought.map((one) => one[key]);
  const added = await tx.rows<{ at: string }>(
    `with told as (
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
         with ordinality as told (environment, service, migration, run, direction, at)
     ), added as (
       insert into fairway.migrations_on_record (environment, service, migration, run, direction)
       select environment, service, migration, run, direction from told
        where exists (select from fairway.deployments d where d.run = told.run and d.environment = told.environment)
        order by at
       on conflict do nothing returning *
     )
     select min(at) as at from told join added using (environment, service, migration, run, direction)
      group by environment, service, migration, run, direction order by 1`,
    [column("environment"), column("service"), column("id"), column("run"), column("direction")],
  );
  const missing = added.flatMap(({ at }) => brought.slice(Number(at) - 1, Number(at)));
  for (const { environment, service, id, run, direction, class: of, checksum } of missing)
    recordAudit(tx, {
      actor: systemActor,
      action: "migration.applied",
      subject: id,
      environment,
      detail: { service, run, direction, class: of, checksum },
    });
  return missing;
}
