import type { FlagValue } from "./flag-set.ts";

/** The next part of a JSON pointer. */
export const pointerTo = (pointer: string, key: string | number): string =>
  `${pointer}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** Short enough for a line. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is Readonly<Record<string, FlagValue>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
