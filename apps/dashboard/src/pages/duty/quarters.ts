const monthsOfOne = 3;

/** The quarter that is, and those before it, as they are written: 2026-Q4. In UTC, as days are due. */
export function quartersUntil(now: number, count: number): readonly string[] {
  const today = new Date(now);
  return Array.from({ length: count }, (_, ago) => {
    const within = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - ago * monthsOfOne, 1));
    return `${within.getUTCFullYear()}-Q${Math.floor(within.getUTCMonth() / monthsOfOne) + 1}`;
  });
}
