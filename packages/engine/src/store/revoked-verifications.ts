import type { ReleaseId, RunId, Timestamp } from "@fairway/core";
import { recordChange } from "./audit.ts";
import type { Sql, Store, Transaction } from "./store.ts";
import { text } from "./store.ts";

/** A release that was verified in an environment, and is not any more. */
export interface RevokedVerification {
  readonly environment: string;
  readonly release: ReleaseId;
  /** The run that found out. */
  readonly run: RunId;
  readonly why: string;
  readonly at: Timestamp;
}

/**
 * Takes a release's word of being verified in an environment away, so that it goes nowhere from there. May be repeated: told
 * again it is no news. Answers whether it had the word.
 */
export async function revokeVerification(
  store: Store,
  { environment, release, run, why }: Omit<RevokedVerification, "at">,
  by: string,
): Promise<boolean> {
  return store.transaction(async (tx) => {
    const [revoked] = await tx.rows(
      `insert into fairway.revoked_verifications (environment, release, run, why, by_whom) values ($1, $2, $3, $4, $5)
       on conflict (release, environment) where lifted_at is null do nothing returning id`,
      [environment, release, run, text(why), text(by)],
    );
    if (revoked === undefined) return false;
    tx.emit({
      kind: "verification.changed",
      subject: environment,
      body: { release, verified: false, run, why: why.slice(0, 2_000) },
    });
    recordChange(tx, "verification.revoked", {
      subject: release,
      environment,
      detail: { run, why: why.slice(0, 2_000) },
    });
    return true;
  });
}

/** Gives it back, for it was asked again and all was well. May be repeated. Answers whether it had been taken away. */
export async function renewVerification(
  tx: Transaction,
  { environment, release, run }: Pick<RevokedVerification, "environment" | "release" | "run">,
): Promise<boolean> {
  const [renewed] = await tx.rows(
    `update fairway.revoked_verifications set lifted_at = now(), lifted_by = $3
     where environment = $1 and release = $2 and lifted_at is null returning id`,
    [environment, release, run],
  );
  if (renewed === undefined) return false;
  tx.emit({ kind: "verification.changed", subject: environment, body: { release, verified: true, run, why: null } });
  recordChange(tx, "verification.renewed", { subject: release, environment, detail: { run } });
  return true;
}

/** Where releases have lost it, and why; the newest first. */
export async function revokedVerifications(
  sql: Sql,
  of: { readonly environment?: string; readonly release?: ReleaseId } = {},
): Promise<readonly RevokedVerification[]> {
  const found = await sql.rows<Omit<RevokedVerification, "at"> & { readonly at: Date }>(
    `select environment, release, run, why, at from fairway.revoked_verifications
     where lifted_at is null and ($1::text is null or environment = $1) and ($2::text is null or release = $2) order by id desc`,
    [of.environment ?? null, of.release ?? null],
  );
  return found.map((row) => ({ ...row, at: row.at.toISOString() }));
}
