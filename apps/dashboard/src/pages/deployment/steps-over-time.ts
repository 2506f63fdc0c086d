/** A value that holds from a moment on. */
export interface Held {
  readonly at: number;
  readonly value: number;
}

/** The place of a chart in its own units. */
export interface Box {
  readonly width: number;
  readonly height: number;
}

/** A line in steps through values that each hold until the next, as an SVG path; the last holds to the end. */
export function stepPath(
  values: readonly Held[],
  from: number,
  to: number,
  highest: number,
  { width, height }: Box,
): string {
  const span = Math.max(1, to - from);
  const x = (at: number): number => round(((Math.min(Math.max(at, from), to) - from) / span) * width);
  const y = (value: number): number => round(height - (Math.min(value, highest) / Math.max(1, highest)) * height);
  const [first, ...rest] = values;
  if (first === undefined) return "";
  return `M${x(first.at)} ${y(first.value)}${rest.map(({ at, value }) => `H${x(at)}V${y(value)}`).join("")}H${round(width)}`;
}

/** The same with the space below it. */
export function stepArea(values: readonly Held[], from: number, to: number, highest: number, box: Box): string {
  const line = stepPath(values, from, to, highest, box);
  if (line === "") return "";
  const start = /^M([\d.]+)/.exec(line)?.[1] ?? "0";
  return `${line}V${box.height}H${start}Z`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
