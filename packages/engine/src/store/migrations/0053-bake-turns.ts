/**
 * Journeys that workers elsewhere are asked for while a release bakes. Each stands under a key that says by whose attempt,
 * where and for which time, so that a daemon that comes back asks for none twice; it stays, with what it came to, until the
 * bake is long over: what a worker tells a second time is known by it.
 */
export const bakeTurnsMigration = `
create table fairway.bake_turns (
  key text primary key,
  attempt text not null,
  run text not null,
  environment text not null,
  release text not null,
  name text not null,
  location text not null,
  number integer not null,
  asked_at timestamptz not null,
  taken_until timestamptz,
  claim text unique,
  status text,
  summary text
);
create index bake_turns_open on fairway.bake_turns (location) where status is null;
create index bake_turns_of_attempt on fairway.bake_turns (attempt);
`;
