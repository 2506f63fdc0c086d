/** Plans of infrastructure, the states from before they were applied, what stacks give services, and drift. */
export const infrastructureMigration = `
create table fairway.infrastructure_plans (
  id bigint generated always as identity primary key,
  run text not null references fairway.runs (id) on delete cascade,
  job text not null,
  attempt integer not null,
  environment text not null,
  stack text not null,
  mode text not null,
  release text,
  digest text not null,
  -- The plan without its secrets, and fields that deployments write too.
  body json not null,
  -- Sealed; null once it was used, or may not be any more.
  file bytea,
  state text not null default 'planned',
  why text,
  applied_by text,
  planned_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  unique (run, job, attempt)
);
create index infrastructure_plans_of_stack on fairway.infrastructure_plans (environment, stack, id desc);

create table fairway.infrastructure_states (
  id bigint generated always as identity primary key,
  environment text not null,
  stack text not null,
  -- The plan before which it was kept; null where a person asked for it.
  plan bigint references fairway.infrastructure_plans (id) on delete set null,
  serial bigint,
  lineage text,
  digest text not null,
  bytes bigint not null,
  sealed bytea not null,
  taken_at timestamptz not null default now()
);
create index infrastructure_states_of_stack on fairway.infrastructure_states (environment, stack, id desc);
create unique index infrastructure_states_of_plan on fairway.infrastructure_states (plan);

create table fairway.infrastructure_outputs (
  environment text not null,
  stack text not null,
  release text not null,
  sealed bytea not null,
  at timestamptz not null default now(),
  primary key (environment, stack, release)
);

create table fairway.infrastructure_drift (
  id bigint generated always as identity primary key,
  environment text not null,
  stack text not null,
  address text not null,
  type text not null,
  kind text not null,
  action text not null,
  fields json not null,
  because json not null,
  owner text,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  run text,
  closed_at timestamptz,
  closed_because text
);
create unique index infrastructure_drift_open on fairway.infrastructure_drift (environment, stack, address) where closed_at is null;

create table fairway.infrastructure_ignores (
  id bigint generated always as identity primary key,
  environment text not null,
  stack text not null,
  resource text not null,
  field text,
  reason text not null,
  until timestamptz not null,
  by_whom text not null,
  at timestamptz not null default now()
);

create table fairway.infrastructure_looks (
  environment text not null,
  stack text not null,
  schedule text not null,
  due_at timestamptz not null,
  run text,
  primary key (environment, stack, schedule)
);
`;
