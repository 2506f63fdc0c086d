/** The newest result of a check at a location is asked for with each that is kept, and for each that might be forgotten. */
export const checkPlacesMigration = `
create index check_results_of_place on fairway.check_results (environment, name, location, id);
`;
