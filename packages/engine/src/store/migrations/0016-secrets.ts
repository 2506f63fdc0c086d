/** Secrets with their versions: sealed, or found in a store that others keep. */
export const secretsMigration = `
create table fairway.secrets (
  -- Empty: for every environment that has none of its own.
  environment text not null,
  name text not null,
  -- Null once it was removed; its numbers are never given again.
  current integer,
  primary key (environment, name)
);

create table fairway.secret_versions (
  environment text not null,
  name text not null,
  version integer not null,
  -- One of both; neither once the secret was removed.
  sealed bytea,
  reference text,
  -- Equal for equal values, and tells nothing of them; null of a reference.
  fingerprint text,
  made_at timestamptz not null default now(),
  made_by text not null,
  repeats integer,
  primary key (environment, name, version),
  foreign key (environment, name) references fairway.secrets (environment, name)
);

-- Names and versions, never values: what a deployment started its services with.
alter table fairway.deployments add column secrets json;
`;
