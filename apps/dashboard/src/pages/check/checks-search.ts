/** What a link to the checks holds: which results are shown, and how far back the journeys' figures go. */
export interface ChecksSearch {
  readonly environment?: string;
  readonly name?: string;
  readonly flaky?: true;
  readonly days?: Days;
}

/** How many days of figures are offered. */
export const windows = [1, 7, 30, 90] as const;
export type Days = (typeof windows)[number];

/** The window when a link names none. */
export const usualWindow: Days = 1;

/** What of a link's search is meant; the rest is left out. */
export function checksSearchOf({ environment, name, flaky, days }: Readonly<Record<string, unknown>>): ChecksSearch {
  const known = windows.find((one) => one === Number(days));
  return {
    ...(typeof environment === "string" && environment !== "" ? { environment } : {}),
    ...(typeof name === "string" && name !== "" ? { name } : {}),
    ...(flaky === true || flaky === "true" ? { flaky: true as const } : {}),
    ...(known === undefined || known === usualWindow ? {} : { days: known }),
  };
}
