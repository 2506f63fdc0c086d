/** A person holds a deployment where it is: who, why, and since when. Written down, so that a crash lets nothing go on. */
export const pausedRunsMigration = `
alter table fairway.runs add column paused_by text, add column paused_because text, add column paused_at timestamptz;
`;
