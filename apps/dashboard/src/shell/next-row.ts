/** Which of so many rows the focus goes to; null where there is none. */
export function nextRow({
  count,
  at,
  by,
  cameTo,
}: {
  readonly count: number;
  /** The row that has the focus; -1 for none. */
  readonly at: number;
  readonly by: 1 | -1;
  /** Where the focus came to what shows more rows; null where it was not moved there. */
  readonly cameTo: number | null;
}): number | null {
  if (count === 0) return null;
  const last = count - 1;
  // Its rows came in its place: it was moved on, or away with the last of them.
  if (cameTo !== null && (at > cameTo || (at === -1 && cameTo < count)))
    return Math.max(0, by === 1 ? cameTo : cameTo - 1);
  if (at === -1) return by === 1 ? 0 : last;
  return Math.min(last, Math.max(0, at + by));
}
