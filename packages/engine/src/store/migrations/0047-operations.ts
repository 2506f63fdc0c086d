/**
 * Incidents; fingerprints of credentials, which tell values apart and never what they are; and accepted findings of the
 * scanner.
 */
export const operationsMigration = `
create table fairway.incidents (
  number bigint generated always as identity primary key,
  -- Whatever opens one by itself opens it once.
  key text unique,
  title text not null,
  environment text,
  release text,
  impact text not null,
  scope text not null,
  proposed integer not null check (proposed between 1 and 4),
  confirmed integer check (confirmed between 1 and 4),
  confirmed_by text,
  opened_by text not null,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  closed_by text,
  root_cause text
);
create index incidents_open on fairway.incidents (number) where closed_at is null;

create table fairway.incident_notes (
  incident bigint not null references fairway.incidents (number),
  number bigint generated always as identity primary key,
  at timestamptz not null default now(),
  by_whom text not null,
  note text not null
);

create table fairway.accepted_findings (
  fingerprint text primary key,
  because text not null,
  until timestamptz not null,
  by_whom text not null
);
`;
