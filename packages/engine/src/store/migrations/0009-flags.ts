/** Feature flags by environment, and everything that anybody ever did to them. */
export const flagsMigration = `
create table fairway.flag_sets (
  environment text primary key,
  -- Grows by one with each edit; a flag's own version is that of the edit which changed it last.
  version integer not null default 0,
  evaluators json,
  metadata json,
  -- How often the keys were replaced; older ones open nothing any more.
  server_keys integer not null default 1,
  client_keys integer not null default 1,
  -- Whose pages may ask from a browser, beside the environment's own.
  origins json not null default '[]'
);

create table fairway.flags (
  environment text not null references fairway.flag_sets (environment),
  key text not null,
  version integer not null,
  definition json not null,
  changed_at timestamptz not null default now(),
  primary key (environment, key)
);

create table fairway.flag_changes (
  environment text not null references fairway.flag_sets (environment),
  version integer not null,
  key text not null,
  action text not null,
  before json,
  after json,
  by_whom text not null,
  reason text,
  at timestamptz not null default now(),
  primary key (environment, version, key)
);
create index flag_changes_of_flag on fairway.flag_changes (environment, key, version);
`;
