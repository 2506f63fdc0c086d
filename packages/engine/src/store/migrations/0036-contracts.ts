/**
 * What was proposed to owners of smart contracts, once for each rollout and direction, and which addresses each deployment
 * left. Whoever writes brings a token; what is older than the newest seen is refused.
 */
export const contractsMigration = `
create table fairway.contract_fences (
  scope text primary key,
  epoch bigint not null
);
create table fairway.contract_proposals (
  rollout text not null,
  direction text not null check (direction in ('there', 'back')),
  environment text not null,
  service text not null,
  proposal json not null,
  opened_at timestamptz not null default now(),
  primary key (rollout, direction)
);
create index contract_proposals_of_service on fairway.contract_proposals (environment, service, opened_at desc);
create table fairway.contract_versions (
  environment text not null,
  service text not null,
  version integer not null,
  release text not null,
  contracts json not null,
  kept_at timestamptz not null default now(),
  primary key (environment, service, version)
);
create table fairway.contract_drift (
  environment text not null,
  service text not null,
  differences json not null,
  looked_at timestamptz not null default now(),
  primary key (environment, service)
);
`;
