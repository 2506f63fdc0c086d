/** What was made, and what ran where. */
export const releasesMigration = `
create table fairway.releases (
  number integer primary key,
  id text not null unique generated always as ('r' || number::text) stored,
  run text not null unique references fairway.runs (id),
  digest text not null,
  sha text not null,
  -- All of it but its number; it never changes.
  contents json not null,
  created_at timestamptz not null default now()
);
create index releases_of_revision on fairway.releases (sha);

create table fairway.builds (
  service text not null,
  inputs text not null,
  artifact text not null,
  built_in integer not null references fairway.releases (number),
  primary key (service, inputs)
);

create table fairway.deployments (
  run text primary key references fairway.runs (id),
  environment text not null,
  release text not null references fairway.releases (id),
  from_release text references fairway.releases (id),
  reason text not null,
  digest text not null,
  outcome text,
  began_at timestamptz not null default now(),
  ended_at timestamptz,
  place bigint unique
);
create sequence fairway.deployments_place owned by fairway.deployments.place;
create index deployments_of_environment on fairway.deployments (environment, place);
`;
