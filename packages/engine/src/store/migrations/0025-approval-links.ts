/** Which links by which people approve were used: each opens once. */
export const approvalLinksMigration = `
create table fairway.approval_link_uses (
  run text not null references fairway.runs (id) on delete cascade,
  job text not null,
  attempt integer not null,
  -- The person's id, as the link names it.
  person text not null,
  used_at timestamptz not null default now(),
  primary key (run, job, attempt, person)
);
`;
