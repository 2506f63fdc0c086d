/** What is wrong with something that is looked at again and again: one row from when it began until it is over. */
export const alertsMigration = `
create table fairway.alerts (
  number bigint generated always as identity primary key,
  key text not null,
  level text not null check (level in ('warning', 'error')),
  title text not null,
  note text not null,
  environment text,
  raised_at timestamptz not null default now(),
  resolved_at timestamptz
);
create unique index alerts_open on fairway.alerts (key) where resolved_at is null;
`;
