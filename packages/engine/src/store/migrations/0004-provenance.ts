/** How releases came to be, signed; what they are made of; and the keys by which both are verified. */
export const provenanceMigration = `
alter table fairway.releases add column envelope json;

-- Public keys only. They stay when a key is replaced: what it signed is verified by it.
create table fairway.signing_keys (
  id text primary key,
  public_key text not null,
  first_seen_at timestamptz not null default now()
);

-- Texts that a release names by their digest.
create table fairway.documents (
  digest text primary key,
  body text not null,
  kept_at timestamptz not null default now()
);
`;
