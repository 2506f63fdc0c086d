/** That a worker died of its own fault, which casts more suspicion on what it executed than a kill from outside. */
export const workerFaultsMigration = `
alter table fairway.workers add column fault text;
alter table fairway.jobs rename column crashes to suspicion;
alter table fairway.jobs rename column crashed_after to suspected_at;
`;
