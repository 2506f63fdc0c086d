/**
 * What was asked of services that run, and what it came to; when journeys are due; and which releases have lost the state of
 * being verified somewhere. A run of a journey is taken for a time: who took it and does not come back has missed it.
 */
export const checkResultsMigration = `
create table fairway.check_results (
  id bigint generated always as identity primary key,
  key text not null unique,
  environment text not null,
  release text not null,
  name text not null,
  kind text not null,
  occasion text not null,
  location text not null,
  status text not null,
  summary text not null,
  tests json not null,
  flaky text[] not null,
  figures json not null,
  files json not null,
  run text,
  started_at timestamptz not null,
  took integer not null
);
create index check_results_of_environment on fairway.check_results (environment, name, started_at desc);
create index check_results_of_release on fairway.check_results (release, id desc);
create index check_results_of_run on fairway.check_results (run) where run is not null;

create table fairway.synthetic_turns (
  environment text not null,
  name text not null,
  location text not null,
  due_at timestamptz not null,
  release text,
  taken_at timestamptz,
  taken_until timestamptz,
  missed_at timestamptz,
  primary key (environment, name, location)
);

create table fairway.revoked_verifications (
  id bigint generated always as identity primary key,
  environment text not null,
  release text not null,
  run text not null,
  why text not null,
  by_whom text not null,
  at timestamptz not null default now(),
  lifted_at timestamptz,
  lifted_by text
);
create unique index revoked_verifications_open on fairway.revoked_verifications (release, environment) where lifted_at is null;
`;
