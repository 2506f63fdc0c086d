import type { RunId, Sha } from "@fairway/core";
import type { Sql } from "./store.ts";
import { text } from "./store.ts";

/** What a push or a pull request brings, which is to be scanned. */
export interface DiffScan {
  readonly ref: string;
  readonly sha: Sha;
  /** What is not looked at, with all before it; null where everything is new. */
  readonly base: Sha | null;
  readonly fromFork: boolean;
}

/** Notes that something is to be scanned; once for the same commit at the same ref. */
export async function keepDiffScan(tx: Sql, forge: string, { ref, sha, base, fromFork }: DiffScan): Promise<void> {
  await tx.rows(
    `insert into fairway.diff_scans (forge, ref, sha, base, from_fork) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [forge, text(ref), sha, base, fromFork],
  );
}

/** Those that are not begun, the oldest first. */
export async function newDiffScans(sql: Sql): Promise<readonly (DiffScan & { readonly number: number })[]> {
  return sql.rows<DiffScan & { readonly number: number }>(
    `select number::float8 as number, ref, sha, base, from_fork as "fromFork" from fairway.diff_scans
     where state = 'new' and look_at <= now() order by number limit 20`,
  );
}

/** Says what has become of one: the run that scans it, or none where nobody asks for it. */
export async function diffScanTaken(sql: Sql, number: number, run: RunId | null): Promise<void> {
  await sql.rows("update fairway.diff_scans set state = $2, run = $3 where number = $1", [
    number,
    run === null ? "left-out" : "begun",
    run,
  ]);
}

/** Puts one off that could not be begun. */
export async function diffScanLater(sql: Sql, number: number): Promise<void> {
  await sql.rows("update fairway.diff_scans set look_at = now() + interval '30 seconds' where number = $1", [number]);
}

/** Forgets those that are long begun or left out. */
export async function forgetDiffScans(sql: Sql): Promise<void> {
  await sql.rows("delete from fairway.diff_scans where state <> 'new' and created_at < now() - interval '400 days'");
}
