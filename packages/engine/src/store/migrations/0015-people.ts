/** People, what they may do, their sessions and tokens. No secret is in it: of each only a digest. */
export const peopleMigration = `
create table fairway.people (
  number bigint generated always as identity primary key,
  name text not null,
  email text,
  -- argon2id; null for those who come through an identity provider.
  password_hash text,
  password_changed_at timestamptz,
  -- Who an identity provider says it is: both together, and nothing else.
  issuer text,
  subject text,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz,
  check ((issuer is null) = (subject is null))
);
create unique index people_by_name on fairway.people (lower(name));
create unique index people_by_identity on fairway.people (issuer, subject);

create table fairway.role_grants (
  person bigint not null references fairway.people (number),
  role text not null,
  -- Of the identity provider's groups: set anew with each login. Others are given by hand.
  from_groups boolean not null default false,
  project text,
  environment text,
  granted_by text not null,
  granted_at timestamptz not null default now()
);
create unique index role_grants_once on fairway.role_grants
  (person, role, coalesce(project, ''), coalesce(environment, ''), from_groups);

create table fairway.sessions (
  number bigint generated always as identity primary key,
  digest text not null unique,
  person bigint not null references fairway.people (number),
  kind text not null,
  created_at timestamptz not null default now(),
  proven_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  address text,
  user_agent text
);
create index sessions_of_person on fairway.sessions (person);

create table fairway.api_tokens (
  number bigint generated always as identity primary key,
  digest text not null unique,
  hint text not null,
  name text not null,
  kind text not null,
  owner bigint references fairway.people (number),
  owner_name text not null,
  permissions json not null,
  -- Of a service token only.
  role text,
  projects json,
  environments json,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  last_address text,
  last_user_agent text,
  revoked_at timestamptz
);
create index api_tokens_of_owner on fairway.api_tokens (owner);

-- Logins that failed lately, by account and by address, so that a restart forgives nobody.
create table fairway.login_failures (
  key text not null,
  at timestamptz not null default now()
);
create index login_failures_by_key on fairway.login_failures (key, at);

-- Codes that are used once: the first administrator's, those of logins of programs, and logins under way elsewhere.
create table fairway.login_codes (
  digest text primary key,
  purpose text not null,
  person bigint references fairway.people (number),
  detail json,
  expires_at timestamptz not null
);
`;
