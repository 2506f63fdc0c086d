/** Which migrations of users' databases the audit has: they happen in another database, and each is said once. */
export const migrationsOnRecordMigration = `
create table fairway.migrations_on_record (
  environment text not null,
  service text not null,
  migration text not null,
  run text not null,
  direction text not null check (direction in ('forward', 'back')),
  primary key (environment, service, migration, run, direction)
);
insert into fairway.migrations_on_record (environment, service, migration, run, direction)
select environment, detail->>'service', subject, detail->>'run', coalesce(detail->>'direction', 'forward')
  from (select environment, subject, entry::json->'detail' as detail from fairway.audit where action = 'migration.applied') as told
 where environment is not null and detail->>'service' is not null and detail->>'run' is not null
    on conflict do nothing;
`;
