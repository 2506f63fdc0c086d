/** How deployments truly ended and with what evidence, who makes way in the queue, and what was stopped half-way. */
export const outcomesMigration = `
alter table fairway.deployments add column restored boolean;
alter table fairway.deployments add column superseded_by text;
alter table fairway.deployments add column why text;

-- What failed replicas left, from before they were forgotten.
create table fairway.evidence (
  place bigint primary key generated always as identity,
  run text not null references fairway.runs (id) on delete cascade,
  service text not null,
  replica text not null,
  body json not null,
  kept_at timestamptz not null default now(),
  unique (run, replica)
);

-- A person stopped it and wants what is half done left so.
alter table fairway.runs add column frozen boolean not null default false;

alter table fairway.environment_waiters add column commit_order json;
alter table fairway.environment_waiters add column yields boolean not null default false;
alter table fairway.environment_waiters add column superseded_by text;

-- A person's lock ends by itself then; null lasts until it is taken off.
alter table fairway.environment_locks add column locked_until timestamptz;
`;
