import type { SecretFacts } from "@fairway/core";
import type { Sql, Transaction } from "./store.ts";
import { text } from "./store.ts";

/** The environment under which what all of them share is kept. */
export const shared = "";

/** What is given for a name: sealed here, or found elsewhere. */
export interface GivenSecret {
  readonly environment: string;
  readonly name: string;
  readonly version: number;
  readonly sealed: Buffer | null;
  readonly reference: string | null;
  readonly fingerprint: string | null;
}

/** The current versions of these names in these environments. */
export async function currentSecrets(
  sql: Sql,
  environments: readonly string[],
  names: readonly string[],
): Promise<readonly GivenSecret[]> {
  return sql.rows<GivenSecret>(
    `select v.environment, v.name, v.version, v.sealed, v.reference, v.fingerprint
     from fairway.secrets s join fairway.secret_versions v on (v.environment, v.name, v.version) = (s.environment, s.name, s.current)
     where s.environment = any($1::text[]) and s.name = any($2::text[])`,
    [environments, names],
  );
}

/** One version, with what it holds. */
export async function secretVersion(
  sql: Sql,
  environment: string,
  name: string,
  version: number,
): Promise<GivenSecret | null> {
  const [row] = await sql.rows<GivenSecret>(
    `select environment, name, version, sealed, reference, fingerprint from fairway.secret_versions
     where environment = $1 and name = $2 and version = $3`,
    [environment, name, version],
  );
  return row ?? null;
}

/** What is known of a secret before it is changed. */
export interface SecretStand {
  readonly current: number | null;
  /** 0 before the first version. */
  readonly newest: number;
}

/** Keeps everybody else from changing a secret until the transaction ends. */
export async function holdSecret(tx: Transaction, environment: string, name: string): Promise<SecretStand> {
  await tx.rows("insert into fairway.secrets (environment, name) values ($1, $2) on conflict do nothing", [
    environment,
    name,
  ]);
  const [row] = await tx.rows<{ current: number | null }>(
    "select current from fairway.secrets where environment = $1 and name = $2 for update",
    [environment, name],
  );
  const [newest] = await tx.rows<{ newest: number }>(
    "select coalesce(max(version), 0) as newest from fairway.secret_versions where environment = $1 and name = $2",
    [environment, name],
  );
  return { current: row?.current ?? null, newest: newest?.newest ?? 0 };
}

/** A version that is to be the current one; the secret must be held. */
export interface NewSecretVersion extends GivenSecret {
  readonly by: string;
  readonly repeats: number | null;
}

/** Writes a version and makes it the current one. */
export async function addSecretVersion(tx: Transaction, made: NewSecretVersion): Promise<void> {
  const { environment, name, version, sealed, reference, fingerprint, by, repeats } = made;
  await tx.rows(
    `insert into fairway.secret_versions (environment, name, version, sealed, reference, fingerprint, made_by, repeats)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [environment, name, version, sealed, reference, fingerprint, text(by), repeats],
  );
  await tx.rows("update fairway.secrets set current = $3 where environment = $1 and name = $2", [
    environment,
    name,
    version,
  ]);
}

/** Takes a secret away, all its values for good; that it was there, and who set it, stays. The secret must be held. */
export async function forgetSecret(tx: Transaction, environment: string, name: string): Promise<void> {
  await tx.rows("update fairway.secrets set current = null where environment = $1 and name = $2", [environment, name]);
  await tx.rows(
    `update fairway.secret_versions set sealed = null, reference = null, fingerprint = null
     where environment = $1 and name = $2`,
    [environment, name],
  );
}

interface FactsRow {
  readonly environment: string;
  readonly name: string;
  readonly current: number | null;
  readonly versions: readonly {
    readonly version: number;
    readonly at: string;
    readonly by: string;
    readonly reference: string | null;
    readonly repeats: number | null;
  }[];
}

/** Every secret that there is, without values: by name, what is shared first. */
export async function secretFacts(sql: Sql): Promise<readonly SecretFacts[]> {
  const rows = await sql.rows<FactsRow>(
    `select s.environment, s.name, s.current,
       (select json_agg(json_build_object('version', version, 'at', made_at, 'by', made_by, 'reference', reference,
          'repeats', repeats) order by version desc)
        from fairway.secret_versions v where v.environment = s.environment and v.name = s.name) as versions
     from fairway.secrets s where s.current is not null order by s.name, s.environment`,
  );
  return rows.map(({ environment, versions, ...row }) => ({
    ...row,
    environment: environment === shared ? null : environment,
    versions: versions.map((version) => ({ ...version, at: new Date(version.at).toISOString() })),
  }));
}

/** Every sealed version there is. */
export async function sealedVersions(sql: Sql): Promise<readonly GivenSecret[]> {
  return sql.rows<GivenSecret>(
    `select environment, name, version, sealed, reference, fingerprint from fairway.secret_versions
     where sealed is not null order by environment, name, version`,
  );
}

/** The version that was sealed last; null where none is. */
export async function newestSealed(sql: Sql): Promise<GivenSecret | null> {
  const [row] = await sql.rows<GivenSecret>(
    `select environment, name, version, sealed, reference, fingerprint from fairway.secret_versions
     where sealed is not null order by made_at desc, version desc limit 1`,
  );
  return row ?? null;
}

/** Puts a version sealed anew in the place of what was. */
export async function resealVersion(
  tx: Transaction,
  { environment, name, version, sealed }: GivenSecret,
): Promise<void> {
  await tx.rows(
    "update fairway.secret_versions set sealed = $4 where environment = $1 and name = $2 and version = $3",
    [environment, name, version, sealed],
  );
}
