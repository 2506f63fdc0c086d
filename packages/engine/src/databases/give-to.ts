/**
 * SQL that gives everything of one database to a role: what a template brought belongs to whoever made the template.
 * REASSIGN OWNED would do it too, and with it give away the databases of the old owner. What an extension brought stays its
 * owner's, and a sequence or an index goes with its table.
 */
export const giveTo = (role: string): string => `do $$
declare statement text;
begin
  for statement in
    with mine as (
      select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
    ), of_extensions as (
      select classid, objid from pg_depend where deptype = 'e'
    )
    select format('alter %s %s owner to ${role}',
        case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                     when 'f' then 'foreign table' else 'table' end, c.oid::regclass)
      from pg_class c
     where relnamespace in (select oid from mine) and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
       and not exists (select from of_extensions where classid = 'pg_class'::regclass and objid = c.oid)
       and not (relkind = 'S' and exists (select from pg_depend where objid = c.oid and deptype in ('a', 'i')))
    union all
    select format('alter %s %s owner to ${role}',
        case prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end, p.oid::regprocedure)
      from pg_proc p
     where pronamespace in (select oid from mine)
       and not exists (select from of_extensions where classid = 'pg_proc'::regclass and objid = p.oid)
    union all
    select format('alter type %s owner to ${role}', t.oid::regtype)
      from pg_type t
     where typnamespace in (select oid from mine) and typtype in ('e', 'd', 'r')
       and not exists (select from of_extensions where classid = 'pg_type'::regclass and objid = t.oid)
    union all
    select format('alter schema %I owner to ${role}', nspname)
      from pg_namespace n
     where oid in (select oid from mine)
       and not exists (select from of_extensions where classid = 'pg_namespace'::regclass and objid = n.oid)
  loop
    execute statement;
  end loop;
end $$`;
