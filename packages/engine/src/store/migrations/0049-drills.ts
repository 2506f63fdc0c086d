/**
 * Restore drills with what each of their steps has found, and when the database was last seen to live: what a copy of it tells
 * its age by.
 */
export const drillsMigration = `
create table fairway.drills (
  number bigint generated always as identity primary key,
  repository text not null,
  began_at timestamptz not null default now(),
  ended_at timestamptz,
  asked_by text not null,
  report json not null
);
create index drills_open on fairway.drills (number) where ended_at is null;

create table fairway.heartbeat (
  only_one boolean primary key default true check (only_one),
  at timestamptz not null
);
`;
