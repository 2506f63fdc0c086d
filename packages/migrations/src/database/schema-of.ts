import type { Client } from "pg";

/**
 * What a schema is made of, one line for each part, in an order that says nothing: two databases with the same lines behave
 * alike to programs. The order of columns is left out, since a column that comes back comes last.
 */
export async function schemaOf(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ part: string }>(
    `with mine as (
       select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
     ), relations as (
       select c.* from pg_class c where relnamespace in (select oid from mine)
     )
     select 'schema ' || nspname as part from pg_namespace where oid in (select oid from mine)
     union all
     select 'relation ' || oid::regclass || ' ' || relkind::text || ' ' || relpersistence::text || ' ' || relrowsecurity::text
       from relations where relkind in ('r', 'p', 'v', 'm', 'S', 'f')
     union all
     select 'column ' || r.oid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod)
            || case when attnotnull then ' not null' else '' end || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
            || attidentity::text || attgenerated::text
       from relations r join pg_attribute a on attrelid = r.oid left join pg_attrdef on adrelid = r.oid and adnum = attnum
      where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'v', 'm', 'f')
     union all
     select 'constraint ' || coalesce(nullif(conrelid, 0)::regclass::text, contypid::regtype::text) || '.' || conname || ' '
            || pg_get_constraintdef(oid)
       from pg_constraint where connamespace in (select oid from mine)
     union all
     select 'index ' || pg_get_indexdef(indexrelid) || case when indisvalid then '' else ' invalid' end
       from pg_index where indrelid in (select oid from relations)
     union all
     select 'view ' || oid::regclass || ' ' || pg_get_viewdef(oid) from relations where relkind in ('v', 'm')
     union all
     select 'function ' || pg_get_functiondef(oid) from pg_proc where pronamespace in (select oid from mine) and prokind in ('f', 'p')
     union all
     select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal and tgrelid in (select oid from relations)
     union all
     select 'enum ' || t.oid::regtype || ' ' || string_agg(enumlabel, ',' order by enumsortorder)
       from pg_type t join pg_enum on enumtypid = t.oid where typnamespace in (select oid from mine) group by t.oid
     union all
     select 'domain ' || oid::regtype || ' ' || format_type(typbasetype, typtypmod)
       from pg_type where typtype = 'd' and typnamespace in (select oid from mine)
     union all
     select 'extension ' || extname from pg_extension`,
  );
  return rows.map(({ part }) => part).toSorted();
}

/** The first part that one schema has and the other has not, as the end of a sentence; null when they are alike. */
export function differenceOf(before: readonly string[], after: readonly string[]): string | null {
  const [was, is] = [new Set(before), new Set(after)];
  const lost = before.find((part) => !is.has(part));
  if (lost !== undefined) return `it does not bring back ${lost}`;
  const left = after.find((part) => !was.has(part));
  return left === undefined ? null : `it leaves ${left}`;
}
