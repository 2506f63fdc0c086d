const units = [
  ["y", 365 * 24 * 3600],
  ["mo", 30 * 24 * 3600],
  ["d", 24 * 3600],
  ["h", 3600],
  ["min", 60],
] as const;

/** How long ago something was, or in how long it will be, in one unit: `3 min ago`, `in 2 h`. */
export function relativeTime(at: string, now: number): string {
  const seconds = Math.round((now - Date.parse(at)) / 1000);
  const size = Math.abs(seconds);
  const [unit, length] = units.find(([, longest]) => size >= longest) ?? ["s", 1];
  const amount = `${Math.floor(size / length)} ${unit}`;
  if (size < 5) return "now";
  return seconds > 0 ? `${amount} ago` : `in ${amount}`;
}

/** A span in its two largest units: `1 min 20 s`. Under a second in milliseconds. */
export function duration(millis: number): string {
  if (millis < 1000) return `${Math.max(0, Math.round(millis))} ms`;
  if (millis < 10_000) return `${(millis / 1000).toFixed(1)} s`;
  const seconds = Math.round(millis / 1000);
  const largest = units.findIndex(([, length]) => seconds >= length);
  if (largest === -1) return `${seconds} s`;
  const [unit, length] = units[largest] ?? ["s", 1];
  const [smaller, step] = units[largest + 1] ?? ["s", 1];
  const rest = Math.floor((seconds % length) / step);
  return rest === 0
    ? `${Math.floor(seconds / length)} ${unit}`
    : `${Math.floor(seconds / length)} ${unit} ${rest} ${smaller}`;
}

const format = (at: Date, timeZone?: string): string =>
  new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);

/** A time to the minute, where whoever looks is: `24 Nov 2026, 02:15`. */
export function shortTime(at: string, timeZone?: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return new Intl.DateTimeFormat("en-GB", {
    ...{ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(date);
}

/** The very time, where whoever looks is and in UTC. */
export function exactTime(at: string, timeZone?: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const here = format(date, timeZone);
  const utc = format(date, "UTC");
  return here === utc ? utc : `${here} · ${utc}`;
}
