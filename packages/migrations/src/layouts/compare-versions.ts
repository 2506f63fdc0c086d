/** Compares versions by their numbers: `2` before `10`, `1.2` before `1.10`. Numbers of any length, such as times. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [numbersOf(one), numbersOf(other)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [a, b] = [left[index] ?? 0n, right[index] ?? 0n];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

const numbersOf = (version: string): readonly bigint[] => version.split(/[._]/u).map((part) => BigInt(part || "0"));
