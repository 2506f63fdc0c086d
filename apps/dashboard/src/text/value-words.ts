const longest = 80;

/** A value of a setting in a few words: as JSON, cut where it is long, "nothing" where there is none. */
export function valueWords(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
