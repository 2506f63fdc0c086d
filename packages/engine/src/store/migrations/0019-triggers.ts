/** What has happened to the repository, what was due by itself, and what came of it. */
export const triggersMigration = `
create table fairway.deliveries (
  number bigint primary key generated always as identity,
  forge text not null,
  delivery text not null,
  body_hash text not null,
  event text not null,
  -- The digest of the document that holds what happened; null for what only asked whether we listen.
  document text,
  received_at timestamptz not null default now(),
  state text not null check (state in ('new', 'done')),
  why text,
  look_at timestamptz not null default now(),
  tries integer not null default 0,
  unique (forge, delivery)
);
-- The number of a delivery is not signed; what was said is.
create unique index deliveries_by_body on fairway.deliveries (forge, event, body_hash);
create index deliveries_to_take on fairway.deliveries (look_at) where state = 'new';

create table fairway.known_refs (
  forge text not null,
  ref text not null,
  sha text not null,
  seen_at timestamptz not null default now(),
  primary key (forge, ref)
);

create table fairway.trigger_firings (
  number bigint primary key generated always as identity,
  key text not null unique,
  trigger text not null,
  source text not null check (source in ('configuration', 'workflow')),
  cause text not null,
  ref text,
  sha text,
  fired_by text not null,
  request json not null,
  -- The digest of the document that holds what happened; null where nothing did but a person or a clock.
  document text,
  state text not null check (state in ('pending', 'waiting', 'started', 'declined', 'failed')),
  why text not null,
  run text,
  fired_at timestamptz not null default now(),
  decided_at timestamptz,
  look_at timestamptz not null default now(),
  tries integer not null default 0
);
create index firings_to_carry_out on fairway.trigger_firings (look_at) where state in ('pending', 'waiting');
create index firings_by_trigger on fairway.trigger_firings (trigger, number desc);

create table fairway.trigger_slots (
  trigger text not null,
  schedule text not null,
  settled timestamptz not null,
  primary key (trigger, schedule)
);
`;
