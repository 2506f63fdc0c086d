/** What rollouts ask people between their steps, and what the figures of new releases said. */
export const analysisMigration = `
create table fairway.step_questions (
  run text not null,
  job text not null,
  attempt integer not null,
  weight double precision not null,
  digest text not null,
  question text not null,
  -- Of the job's time when it began to wait; null when it had no deadline.
  remaining_ms double precision,
  asked_at timestamptz not null default now(),
  answer text,
  by_whom text,
  note text,
  answered_at timestamptz,
  primary key (run, job, attempt, weight),
  foreign key (run, job) references fairway.jobs (run, name) on delete cascade
);

create table fairway.analysis_looks (
  seq bigint primary key generated always as identity,
  run text not null,
  job text not null,
  service text not null,
  at timestamptz not null default now(),
  weight double precision not null,
  verdict text not null,
  reason text not null,
  figures json not null,
  foreign key (run, job) references fairway.jobs (run, name) on delete cascade
);
create index analysis_looks_of_job on fairway.analysis_looks (run, job, seq);
`;
