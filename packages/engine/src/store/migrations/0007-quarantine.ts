/** What must not be deployed, rollbacks of single services, and what each deployment stands on. */
export const quarantineMigration = `
create table fairway.quarantine (
  number bigint generated always as identity primary key,
  digest text not null,
  -- The one by which the digest came to be here.
  release text not null references fairway.releases (id),
  reason text not null,
  by_whom text not null,
  cause text not null,
  -- The deployment by which it came to be here; null where a person said so.
  run text references fairway.runs (id),
  environment text,
  at timestamptz not null default now(),
  lifted_by text,
  lifted_because text,
  lifted_at timestamptz
);
create unique index quarantined on fairway.quarantine (digest) where lifted_at is null;
create index releases_of_digest on fairway.releases (digest);

alter table fairway.deployments
  -- The services that moved, in a rollback of single ones; null where all did.
  add column only_services text[],
  -- The place of the deployment that a way back leads to, or of one after it that is no longer on record.
  add column stands_on bigint;

do $$
declare
  deployed record;
  known text := null;
  releases text[] := '{}';
  places bigint[] := '{}';
  found integer;
begin
  for deployed in
    select run, environment, release, reason, place from fairway.deployments where outcome = 'deployed' order by environment, place
  loop
    if known is distinct from deployed.environment then
      known := deployed.environment;
      releases := '{}';
      places := '{}';
    end if;
    found := null;
    if deployed.reason = 'rollback' then
      select max(place) into found from generate_subscripts(releases, 1) as place where releases[place] = deployed.release;
    end if;
    if found is null and releases[cardinality(releases)] = deployed.release then
      found := cardinality(releases);
    end if;
    if found is not null then
      releases := releases[1:found - 1];
      places := places[1:found - 1];
    end if;
    update fairway.deployments set stands_on = places[cardinality(places)] where run = deployed.run;
    releases := releases || deployed.release;
    places := places || deployed.place;
  end loop;
end $$;
`;
