import type { Box } from "./steps-over-time.ts";

/** A line through values at even distances as an SVG path; it is broken where a value is missing. */
export function linePath(values: readonly (number | null)[], highest: number, { width, height }: Box): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let drawing = false;
  return values
    .map((value, index) => {
      if (value === null) {
        drawing = false;
        return "";
      }
      const place = `${round(index * step)} ${round(height - (value / highest) * height)}`;
      const part = drawing ? `L${place}` : values.length === 1 ? `M${place}h${width}` : `M${place}`;
      drawing = true;
      return part;
    })
    .join("");
}

const round = (value: number): number => Math.round(value * 10) / 10;
