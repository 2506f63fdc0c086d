/** Which runs a run has started is asked with every list of runs: not by a look at all of them. */
export const startedRunsMigration = `
create index runs_started_by on fairway.runs (split_part(key, '/', 1)) where key like 'run-%/deploy/%';
`;
