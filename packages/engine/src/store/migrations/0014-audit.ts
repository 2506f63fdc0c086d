/**
 * The record of every change, decision and refusal; and the keys by which values are sealed, each of which is itself sealed by
 * a key outside the database.
 */
export const auditMigration = `
create table fairway.audit (
  -- Without gaps: given out under a lock in the order of commits.
  number bigint primary key,
  -- The entry as canonical JSON: exactly the bytes that were hashed.
  entry text not null,
  -- SHA-256 of the hash before it and the entry.
  hash text not null,
  -- Ed25519 over the hash; null where nothing that signs had opened the database yet.
  signed_by text,
  signature text,
  -- What the entry says, so that it can be found by it.
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  environment text
);
create index audit_at on fairway.audit (at);
create index audit_subject on fairway.audit (subject, number);

create function fairway.refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is only ever added to';
end $$;
create trigger audit_is_only_added_to before update or delete on fairway.audit
  for each row execute function fairway.refuse_audit_change();
create trigger audit_is_never_emptied before truncate on fairway.audit
  for each statement execute function fairway.refuse_audit_change();

create table fairway.sealing_keys (
  id text primary key,
  -- Whose key the bytes below are sealed by; that one is never in the database.
  keeper text not null,
  wrapped bytea not null,
  made_at timestamptz not null default now(),
  -- Opens what it once sealed and seals nothing any more.
  retired_at timestamptz
);
create unique index sealing_keys_in_use on fairway.sealing_keys ((true)) where retired_at is null;
`;
