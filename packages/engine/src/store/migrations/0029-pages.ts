/** What pages show: how rollouts moved over time, and lists that are quick however long they are. */
export const pagesMigration = `
create table fairway.rollout_moves (
  seq bigint primary key generated always as identity,
  run text not null,
  job text not null,
  service text not null,
  -- On the way back the new release is what is being taken away.
  is_back boolean not null,
  at timestamptz not null default now(),
  -- Percent that the new release has; null where traffic follows the replicas.
  weight double precision,
  old_replicas json not null,
  new_replicas json not null,
  foreign key (run, job) references fairway.jobs (run, name) on delete cascade
);
create index rollout_moves_of_run on fairway.rollout_moves (run, seq);

-- What a run is about, so that runs can be found by it; the subject itself may hold what the database cannot look into.
alter table fairway.runs add column environment text;
update fairway.runs set environment = subject->>'environment' where kind in ('deployment', 'infrastructure');
create index runs_of_environment on fairway.runs (environment, number) where environment is not null;
create index runs_of_kind on fairway.runs (kind, number);
create index runs_in_state on fairway.runs (state, number);

create index deployments_of_release on fairway.deployments (release);
create index deployments_ended on fairway.deployments (ended_at) where outcome is not null;
create index audit_action on fairway.audit (action, number);
create index audit_actor on fairway.audit (actor, number);
create index audit_environment on fairway.audit (environment, number) where environment is not null;
create index notices_in_state on fairway.notices (state, number);
create index firings_of_trigger on fairway.trigger_firings (trigger, number);
`;
