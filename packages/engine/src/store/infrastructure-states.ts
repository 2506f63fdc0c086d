import type { Digest, ReleaseId, Timestamp } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Sql } from "./store.ts";

/** A state of a stack as it was before something was applied to it. */
export interface KeptState {
  readonly id: number;
  readonly environment: string;
  readonly stack: string;
  readonly plan: number | null;
  readonly serial: number | null;
  readonly lineage: string | null;
  readonly digest: Digest;
  readonly bytes: number;
  readonly takenAt: Timestamp;
}

interface StateRow {
  id: string;
  environment: string;
  stack: string;
  plan: string | null;
  serial: string | null;
  lineage: string | null;
  digest: Digest;
  bytes: string;
  taken_at: Date;
}

const columns = "id, environment, stack, plan, serial, lineage, digest, bytes, taken_at";

const stateOf = ({ id, plan, serial, bytes, taken_at, ...row }: StateRow): KeptState => ({
  ...row,
  id: Number(id),
  plan: plan === null ? null : Number(plan),
  serial: serial === null ? null : Number(serial),
  bytes: Number(bytes),
  takenAt: taken_at.toISOString(),
});

/** Keeps a sealed state; before one plan it is kept once. Answers with its number; null where one was kept before. */
export async function keepState(
  sql: Sql,
  kept: Omit<KeptState, "id" | "takenAt">,
  sealed: Buffer,
): Promise<number | null> {
  const [row] = await sql.rows<{ readonly id: string }>(
    `insert into fairway.infrastructure_states (environment, stack, plan, serial, lineage, digest, bytes, sealed)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (plan) do nothing returning id`,
    [kept.environment, kept.stack, kept.plan, kept.serial, kept.lineage, kept.digest, kept.bytes, sealed],
  );
  return row === undefined ? null : Number(row.id);
}

/** The newest first. */
export async function listStates(sql: Sql, environment: string, stack?: string): Promise<readonly KeptState[]> {
  const found = await sql.rows<StateRow>(
    `select ${columns} from fairway.infrastructure_states
     where environment = $1 and ($2::text is null or stack = $2) order by id desc limit 200`,
    [environment, stack ?? null],
  );
  return found.map(stateOf);
}

/** A kept state with its sealed bytes. Throws `not_found`. */
export async function stateById(sql: Sql, id: number): Promise<KeptState & { readonly sealed: Buffer }> {
  const [row] = await sql.rows<StateRow & { readonly sealed: Buffer }>(
    `select ${columns}, sealed from fairway.infrastructure_states where id = $1`,
    [id],
  );
  if (row === undefined)
    throw new FairwayError("not_found", `there is no kept state ${id}`, {
      hint: "see: fairway infrastructure state list ENVIRONMENT",
    });
  return { ...stateOf(row), sealed: row.sealed };
}

/** Keeps what a stack gives the services of a release in an environment. */
export async function keepOutputs(
  sql: Sql,
  {
    environment,
    stack,
    release,
  }: { readonly environment: string; readonly stack: string; readonly release: ReleaseId },
  sealed: Buffer,
): Promise<void> {
  await sql.rows(
    `insert into fairway.infrastructure_outputs (environment, stack, release, sealed) values ($1, $2, $3, $4)
     on conflict (environment, stack, release) do update set sealed = excluded.sealed, at = now()`,
    [environment, stack, release, sealed],
  );
}

/** What a stack gives a release, or else gave the newest one there; null where it never gave anything. */
export async function outputsFor(
  sql: Sql,
  environment: string,
  stack: string,
  release: ReleaseId,
): Promise<{ readonly sealed: Buffer; readonly release: string } | null> {
  const [row] = await sql.rows<{ readonly sealed: Buffer; readonly release: string }>(
    `select sealed, release from fairway.infrastructure_outputs where environment = $1 and stack = $2
     order by release = $3 desc, at desc limit 1`,
    [environment, stack, release],
  );
  return row ?? null;
}
