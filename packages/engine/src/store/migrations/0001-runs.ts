/** Runs, their jobs and everything that decides what comes next. */
export const runsMigration = `
create table fairway.runs (
  number bigint primary key generated always as identity,
  id text not null unique generated always as ('run-' || number::text) stored,
  -- Whoever may ask twice for the same run names it by a key.
  key text unique,
  kind text not null,
  title text not null,
  subject json not null,
  requested_by text not null,
  state text not null default 'pending',
  stopping boolean not null default false,
  stopped_by text,
  attention json,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
);
create index runs_open on fairway.runs (number) where ended_at is null;

create table fairway.jobs (
  run text not null references fairway.runs (id) on delete cascade,
  name text not null,
  place integer not null,
  stage text not null,
  needs text[] not null,
  turn text not null,
  input json not null,
  timeout_ms bigint not null,
  state text not null default 'pending',
  attempt integer not null default 1,
  result json,
  reason text,
  message text,
  -- Its turn has come and a worker may claim it.
  ready_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  deadline_at timestamptz,
  -- Null while running: nobody executes it, and whoever sees that hands it to someone.
  claimed_by text,
  -- Grows with each worker that takes the attempt; only the newest may record.
  epoch integer not null default 0,
  stop json,
  begun boolean not null default false,
  handed_at timestamptz,
  crashes integer not null default 0,
  crashed_after integer not null default -1,
  primary key (run, name)
);
create index jobs_claimable on fairway.jobs (ready_at) where state = 'pending' and ready_at is not null;
create index jobs_running on fairway.jobs (claimed_by) where state = 'running';

create table fairway.steps (
  run text not null,
  job text not null,
  attempt integer not null,
  seq integer not null,
  name text not null,
  state text not null,
  message text,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (run, job, attempt, seq),
  foreign key (run, job) references fairway.jobs (run, name) on delete cascade
);

create table fairway.gates (
  run text not null,
  job text not null,
  attempt integer not null,
  needed integer not null,
  digest text not null,
  opened_at timestamptz not null default now(),
  primary key (run, job, attempt),
  foreign key (run, job) references fairway.jobs (run, name) on delete cascade
);

create table fairway.approvals (
  number bigint primary key generated always as identity,
  run text not null,
  job text not null,
  attempt integer not null,
  by_whom text not null,
  answer text not null,
  digest text not null,
  note text,
  at timestamptz not null default now(),
  foreign key (run, job, attempt) references fairway.gates (run, job, attempt) on delete cascade
);
create index approvals_of_gate on fairway.approvals (run, job, attempt);

create table fairway.environment_locks (
  environment text primary key,
  holder_run text references fairway.runs (id),
  held_since timestamptz,
  -- Only ever grows.
  fence bigint not null default 0,
  locked_by text,
  locked_because text,
  locked_since timestamptz
);
create unique index environment_of_holder on fairway.environment_locks (holder_run);

create table fairway.environment_waiters (
  place bigint primary key generated always as identity,
  environment text not null,
  run text not null references fairway.runs (id) on delete cascade,
  urgent boolean not null,
  since timestamptz not null default now(),
  unique (environment, run)
);

create table fairway.workers (
  id text primary key,
  host text not null,
  pid integer not null,
  -- Tells a process from a later one with the same pid.
  process_started text not null,
  -- Others watch that it moves; they do not compare clocks.
  beat bigint not null default 0,
  seen_at timestamptz not null default now(),
  dead boolean not null default false
);

create table fairway.events (
  seq bigint primary key generated always as identity,
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  subject text not null,
  body json not null
);

create table fairway.settings (
  name text primary key,
  value json not null
);
`;
