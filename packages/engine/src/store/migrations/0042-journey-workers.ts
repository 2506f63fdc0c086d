/**
 * Journeys that are made elsewhere: who took a turn shows by its claim that it is theirs to end, and of whoever asks for turns
 * is known when that was, so that people are told of a place at which nobody is.
 */
export const journeyWorkersMigration = `
alter table fairway.synthetic_turns add column claim text unique, add column claimed_release text;

create table fairway.journey_workers (
  location text not null,
  name text not null,
  version text not null,
  seen_at timestamptz not null default now(),
  primary key (location, name)
);
`;
