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
  /** What it holds now; null where it holds nothing. */
  readonly current: GivenSecret | null;
  /** 0 before the first version. */
  readonly newest: number;
}

/** The newest version of each of these names; those that never had one are left out. */
export async function newestVersions(
  sql: Sql,
  environment: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.rows<{ name: string; newest: number }>(
    `select name, max(version) as newest from fairway.secret_versions
     where environment = $1 and name = any($2::text[]) group by name`,
    [environment, names],
  );
  return new Map(rows.map(({ name, newest }) => [name, newest]));
}

/**
 * Keeps everybody else from changing these secrets until the transaction ends. Always by name, so that no two transactions
 * wait for each other; a few statements for however many there are.
 */
export async function holdSecrets(
  tx: Transaction,
  environment: string,
  names: readonly string[],
): Promise<(name: string) => SecretStand> {
  await tx.rows(
    `insert into fairway.secrets (environment, name)
     select $1, name from unnest($2::text[]) as name order by name collate "C" on conflict do nothing`,
    [environment, names],
  );
  await tx.rows(
    `select 1 from fairway.secrets where environment = $1 and name = any($2::text[])
     order by name collate "C" for update`,
    [environment, names],
  );
  const current = new Map((await currentSecrets(tx, [environment], names)).map((secret) => [secret.name, secret]));
  const newest = await newestVersions(tx, environment, names);
  return (name) => ({ current: current.get(name) ?? null, newest: newest.get(name) ?? 0 });
}

/** A version that is to be the current one; the secret must be held. */
export interface NewSecretVersion extends GivenSecret {
  readonly by: string;
  readonly repeats: number | null;
}

/** Writes versions and makes each the current one of its secret. */
export async function addSecretVersions(tx: Transaction, made: readonly NewSecretVersion[]): Promise<void> {
  if (made.length === 0) return;
  const column = <Key extends keyof NewSecretVersion>(key: Key): readonly unknown[] => made.map((each) => each[key]);
  await tx.rows(
    `insert into fairway.secret_versions (environment, name, version, sealed, reference, fingerprint, made_by, repeats)
     select * from unnest($1::text[], $2::text[], $3::int[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::int[])`,
    [
      ...(["environment", "name", "version", "sealed", "reference", "fingerprint"] as const).map(column),
      made.map(({ by }) => text(by)),
      column("repeats"),
    ],
  );
  await tx.rows(
    `update fairway.secrets s set current = made.version
     from unnest($1::text[], $2::text[], $3::int[]) as made (environment, name, version)
     where (s.environment, s.name) = (made.environment, made.name)`,
    [column("environment"), column("name"), column("version")],
  );
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

/** The names of all that there is, by environment; null for what all environments share. */
export async function secretNames(
  sql: Sql,
): Promise<readonly { readonly environment: string | null; readonly name: string }[]> {
  const rows = await sql.rows<{ environment: string; name: string }>(
    "select environment, name from fairway.secrets where current is not null order by name, environment",
  );
  return rows.map(({ environment, name }) => ({ environment: environment === shared ? null : environment, name }));
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
