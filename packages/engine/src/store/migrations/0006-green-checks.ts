/** Which checks were green for which inputs is asked of the jobs themselves, for every release. */
export const greenChecksMigration = `
create index green_checks on fairway.jobs ((input->>'inputs')) where stage = 'check' and state = 'succeeded';
`;
