import type { Client } from "pg";

/** A table's rows: what to copy and how to compare it. */
export interface TableToCopy {
  /** Quoted and with its schema. */
  readonly name: string;
  /** Quoted, without those that the database computes. */
  readonly columns: readonly string[];
}

const ofUsers = (schema: string): string => `${schema} not like 'pg\\_%' and ${schema} <> 'information_schema'`;

/**
 * Everything that a database's schemas hold, one line each, in words that do not depend on the version of PostgreSQL:
 * two databases with the same lines can take each other's rows.
 */
export async function inventory(client: Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ line: string }>(`
    select 'schema ' || quote_ident(nspname) as line from pg_namespace where ${ofUsers("nspname")}
    union all
    select case c.relkind when 'r' then 'table ' when 'p' then 'partitioned table ' when 'v' then 'view ' when 'm' then 'materialized view '
                          when 'i' then 'index ' when 'I' then 'partitioned index ' when 'S' then 'sequence ' when 'c' then 'type ' else 'foreign table ' end
           || c.oid::regclass
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ofUsers("n.nspname")}
    union all
    select 'column ' || c.oid::regclass || '.' || quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
           || case when a.attnotnull then ' not null' else '' end
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where ${ofUsers("n.nspname")} and c.relkind in ('r', 'p', 'c') and a.attnum > 0 and not a.attisdropped
    union all
    select 'function ' || p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ofUsers("n.nspname")}
    union all
    select 'trigger ' || quote_ident(t.tgname) || ' on ' || t.tgrelid::regclass from pg_trigger t where not t.tgisinternal
    union all
    -- Of version 18 on, NOT NULL is a constraint too; the columns above say it for all versions.
    select 'constraint ' || quote_ident(k.conname) || ' on ' || k.conrelid::regclass
      from pg_constraint k join pg_namespace n on n.oid = k.connamespace where ${ofUsers("n.nspname")} and k.conrelid <> 0 and k.contype <> 'n'
    union all
    select 'enum ' || t.oid::regtype || ': ' || string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
      from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_enum e on e.enumtypid = t.oid where ${ofUsers("n.nspname")} group by t.oid
    union all
    select 'extension ' || quote_ident(extname) from pg_extension
    union all
    select 'large object ' || oid from pg_largeobject_metadata`);
  return new Set(rows.map(({ line }) => line));
}

/** The tables whose rows make up the database. */
export async function tablesToCopy(client: Client): Promise<readonly TableToCopy[]> {
  const { rows } = await client.query<TableToCopy>(`
    select c.oid::regclass::text as name,
           coalesce(array_agg(quote_ident(a.attname) order by a.attnum) filter (where a.attgenerated = ''), '{}') as columns
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relkind = 'r' and ${ofUsers("n.nspname")}
     group by c.oid order by c.oid::regclass::text`);
  return rows;
}

/** The quoted names of all sequences. */
export async function sequences(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'S' and ${ofUsers("n.nspname")}`,
  );
  return rows.map(({ name }) => name);
}
