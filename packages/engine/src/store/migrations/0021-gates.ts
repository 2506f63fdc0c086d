/** What answers to a run are held to, who gave them, and who wanted a deployment to go through a freeze. */
export const gatesMigration = `
-- Null in runs from before there were terms, and where nothing is asked.
alter table fairway.runs add column approval_terms json;

-- Who that was, with the roles they had then; null where nobody logs in.
alter table fairway.approvals add column approver json;

create table fairway.freeze_overrides (
  run text not null references fairway.runs (id),
  -- The person's id, or their name where nobody logs in.
  person text not null,
  by_whom text not null,
  because text not null,
  at timestamptz not null default now(),
  primary key (run, person)
);
`;
