/**
 * Evidence about duties lies in the record, which is only ever added to; here is what finds the newest of each quickly. And
 * which times of a calendar are settled, and whom was reminded of what on which day, each once.
 */
export const dutiesMigration = `
create index audit_of_duties on fairway.audit (subject, action, number desc)
  where action in ('evidence.passed', 'evidence.failed', 'evidence.partial', 'duty.waived');

create table fairway.duty_slots (
  duty text not null,
  -- A day, or a moment of a schedule.
  slot text not null,
  outcome text not null,
  settled_at timestamptz not null default now(),
  primary key (duty, slot)
);

create table fairway.duty_reminders (
  duty text not null,
  day date not null,
  primary key (duty, day)
);
`;
