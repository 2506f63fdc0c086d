/** Who asked for what a trigger starts, and what a deployment that is tried again had left before. */
export const askersMigration = `
-- Null where a clock did, and in firings from before it was kept.
alter table fairway.trigger_firings add column asked json;

-- Of a deployment that was carried through and is tried again: the row as it was, until that has ended too.
alter table fairway.deployments add column before json;
`;
