const blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** Numbers as a line of blocks, the tallest for `most`; a gap where there is no number. */
export const sparkline = (values: readonly (number | null)[], most: number): string =>
  values
    .map((value) => {
      if (value === null) return " ";
      const part = most <= 0 ? 0 : Math.min(1, Math.max(0, value / most));
      return blocks[Math.round(part * (blocks.length - 1))] ?? blocks[0];
    })
    .join("");
