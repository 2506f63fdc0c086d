/** Jobs that are planned while their run goes on, and whose turn it is in a concurrency group. */
export const workflowsMigration = `
-- What people call a step, where its name is only a number.
alter table fairway.steps add column title text;

create table fairway.concurrency_turns (
  place bigint primary key generated always as identity,
  -- In lower case: groups are compared without it.
  name text not null,
  run text not null references fairway.runs (id) on delete cascade,
  -- The job that waits for the turn.
  job text not null,
  -- The job at whose end the turn is over; null when it is the whole run.
  holder text,
  holding boolean not null default false,
  -- The run that came later and for which this one makes way.
  superseded_by text,
  unique (run, job)
);
create index concurrency_turns_of_group on fairway.concurrency_turns (name, place);
`;
