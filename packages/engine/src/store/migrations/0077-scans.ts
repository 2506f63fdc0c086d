/**
 * Logs that a scan has found clean, each by its run, so that it reads them once: as they were when the run had ended, and by what
 * was known to be secret then. And what pushes and pull requests bring, until its scan is begun.
 */
export const scansMigration = `
create table fairway.clean_logs (
  run text primary key references fairway.runs (id) on delete cascade,
  ended_at timestamptz not null,
  -- A hash of what was looked for.
  knowledge text not null
);
create table fairway.diff_scans (
  number bigint primary key generated always as identity,
  forge text not null,
  ref text not null,
  sha text not null,
  -- What is not looked at, with all before it; null where everything is new.
  base text,
  from_fork boolean not null,
  state text not null default 'new' check (state in ('new', 'begun', 'left-out')),
  run text references fairway.runs (id) on delete set null,
  look_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  unique (forge, ref, sha)
);
create index diff_scans_new on fairway.diff_scans (look_at) where state = 'new';
`;
