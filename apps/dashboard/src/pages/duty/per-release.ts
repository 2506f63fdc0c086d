/** Whether a duty is owed for each release, so that what is done about it names one. */
export const isOwedPerRelease = (cadence: string): boolean => cadence.startsWith("for each release");
