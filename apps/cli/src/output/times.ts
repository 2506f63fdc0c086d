/** How long something took or takes, as people say it: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d`. */
export function span(millis: number): string {
  const seconds = Math.max(0, millis) / 1000;
  // What would be rounded to 10.0.
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.max(10, Math.floor(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** How long ago a point in time is: `just now`, `8 s ago`, `3 min ago`. */
export function ago(at: string, now: number): string {
  const millis = now - Date.parse(at);
  if (millis < 1000) return "just now";
  if (millis < 10_000) return `${Math.floor(millis / 1000)} s ago`;
  return `${span(millis).replace(/ \d+ (s|min)$/, "")} ago`;
}

/** From the beginning to the end, or to now. */
export const between = (from: string | null, to: string | null, now: number): string =>
  from === null ? "" : span((to === null ? now : Date.parse(to)) - Date.parse(from));
