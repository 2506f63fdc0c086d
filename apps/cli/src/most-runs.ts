/** As many runs as the daemon lists at once. */
export const mostRuns = 500;
