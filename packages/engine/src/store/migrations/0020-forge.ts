/** What forges are told of runs and deployments, until it has arrived. */
export const forgeMigration = `
create table fairway.forge_reports (
  number bigint primary key generated always as identity,
  forge text not null,
  -- What it is about: told again, it changes in place.
  key text not null,
  body json not null,
  version integer not null default 1,
  sent_version integer not null default 0,
  -- The forge's own name for it.
  remote_id text,
  state text not null check (state in ('waiting', 'told', 'dropped')),
  why text,
  tries integer not null default 0,
  look_at timestamptz not null default now(),
  made_at timestamptz not null default now(),
  told_at timestamptz,
  unique (forge, key)
);
create index forge_reports_to_tell on fairway.forge_reports (look_at) where state = 'waiting';
`;
