/** Environments that live as long as a pull request, what forges have of those, and which releases were made for them. */
export const previewsMigration = `
-- What a forge last said of each pull request.
create table fairway.pulls (
  forge text not null,
  number integer not null,
  title text not null,
  head_ref text not null,
  sha text not null,
  base_ref text not null,
  from_fork boolean not null,
  opened_by text not null,
  is_open boolean not null,
  -- Whether something has happened to it since somebody listens.
  is_news boolean not null,
  changed_at timestamptz,
  primary key (forge, number)
);

create table fairway.previews (
  id integer primary key generated always as identity,
  -- Of its environment, and the first part of its host.
  name text not null,
  -- Null for one that somebody asked for by the name of a ref.
  pull integer,
  ref text not null,
  title text not null,
  from_fork boolean not null,
  sha text not null,
  -- Grows with each other commit, so that one that comes back is made again.
  turn integer not null default 1,
  state text not null check (state in ('waiting', 'asking', 'open', 'ending', 'ended')),
  -- Of what is waited for, of what went wrong, or of why it has ended.
  why text not null default '',
  -- The commit that somebody has let in from a fork.
  approved_sha text,
  approved_by text,
  settings json not null,
  hosts text[] not null default '{}',
  url text,
  opened_by text not null,
  opened_at timestamptz not null default now(),
  used_at timestamptz not null default now(),
  -- Since when its replicas are stopped.
  asleep_since timestamptz,
  -- What is made and brought there now, of this turn.
  release_turn integer,
  release_run text,
  deploy_run text,
  end_run text,
  -- One that nobody used, or that somebody closed, does not come back with the same commit.
  ended_for text check (ended_for in ('closed', 'idle', 'person', 'settings')),
  ended_at timestamptz
);
create unique index previews_open on fairway.previews (name) where state <> 'ended';
create index previews_pull on fairway.previews (pull, id desc) where pull is not null;

-- Written down before they are made, so that what is there and stands here nowhere is nobody's.
create table fairway.preview_databases (
  preview integer not null references fairway.previews (id) on delete cascade,
  service text not null,
  seeded_at timestamptz,
  primary key (preview, service)
);

-- The preview's environment that a release was made for; null for all that may go to others.
alter table fairway.releases add column preview text;
`;
