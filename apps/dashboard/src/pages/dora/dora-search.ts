/** What a link to the figures holds. */
export interface DoraSearch {
  readonly days?: Days;
  readonly service?: string;
}

/** The windows that are offered. */
export const windows = [7, 30, 90] as const;
export type Days = (typeof windows)[number];

/** The window when a link names none. */
export const usualWindow: Days = 30;

/** What of a link's search is meant; the rest is left out. */
export function doraSearchOf({ days, service }: Readonly<Record<string, unknown>>): DoraSearch {
  const known = windows.find((one) => one === Number(days));
  return {
    ...(known === undefined || known === usualWindow ? {} : { days: known }),
    ...(typeof service === "string" && service !== "" ? { service } : {}),
  };
}
