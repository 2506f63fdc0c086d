/** What people are told, until it has arrived or was given up. */
export const noticesMigration = `
create table fairway.notices (
  number bigint primary key generated always as identity,
  channel text not null,
  -- What it is about: told once in a channel, however often it is found out.
  about text not null,
  thread text not null,
  notice json not null,
  state text not null default 'waiting' check (state in ('waiting', 'told', 'dead')),
  tries integer not null default 0,
  -- Nobody knows whether the last try arrived.
  uncertain boolean not null default false,
  why text,
  -- By which the place finds it again.
  reference text,
  look_at timestamptz not null default now(),
  made_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (channel, about)
);
create index notices_to_tell on fairway.notices (look_at) where state = 'waiting';
create index notices_of_thread on fairway.notices (channel, thread, number);
`;
