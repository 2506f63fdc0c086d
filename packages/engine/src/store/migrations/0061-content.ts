/** What commits show their users, links of documents, follow-ups of incidents, and who has which pack. */
export const contentMigration = `
-- Worked out from a commit, and worked out again where it is not there.
create table fairway.commit_contents (
  sha text primary key,
  found text not null,
  looked_at timestamptz not null default now()
);

create table fairway.links (
  url text primary key,
  state text not null,
  why text not null,
  checked_at timestamptz not null,
  unknown_since timestamptz
);

alter table fairway.incidents add column rule text;
alter table fairway.incidents add column source text;
create index incidents_opened on fairway.incidents (opened_at);

create table fairway.incident_followups (
  incident bigint not null references fairway.incidents (number),
  number bigint generated always as identity primary key,
  what text not null,
  owner text not null,
  due date not null,
  done_at timestamptz,
  done_by text
);
create index incident_followups_of on fairway.incident_followups (incident);

create table fairway.pack_receipts (
  digest text not null,
  role text not null,
  by_whom text not null,
  release text not null,
  at timestamptz not null default now(),
  primary key (digest, role)
);

-- What came in from elsewhere, by the number that it has there.
create table fairway.intake (
  source text not null,
  delivery text not null,
  incident bigint references fairway.incidents (number),
  at timestamptz not null default now(),
  primary key (source, delivery)
);
`;
