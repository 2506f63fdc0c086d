import { github } from "./github.ts";

/** Every key that means something somewhere in a workflow. */
let keys: readonly string[] | undefined;

/**
 * `Unexpected value 'runs_on'`: the key that was probably meant, as a sentence; undefined where none is near, or it is one
 * itself.
 */
export function nearKeyHint(message: string): string | undefined {
  const [, given] = /^Unexpected value '([^']{3,40})'$/u.exec(message) ?? [];
  if (given === undefined) return undefined;
  keys ??= allKeys();
  if (keys.includes(given)) return undefined;
  const tolerated = Math.max(1, Math.floor(given.length / 4));
  const [nearest] = keys
    .map((key) => ({ key, apart: slipsBetween(given.toLowerCase(), key) }))
    .filter(({ apart }) => apart <= tolerated)
    .sort((one, other) => one.apart - other.apart);
  return nearest && `Did you mean '${nearest.key}'?`;
}

function allKeys(): readonly string[] {
  const { definitions } = github().getWorkflowSchema();
  const found = Object.values(definitions).flatMap((definition) =>
    Object.keys((definition as { readonly properties?: object }).properties ?? {}),
  );
  return [...new Set(found)].sort();
}

/** How many letters must be put in, left out, exchanged, or swapped with their neighbour to make one word of the other. */
function slipsBetween(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row[j] = Math.min(
        (rows[i - 1]?.[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (rows[i - 1]?.[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (rows[i - 2]?.[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    rows.push(row);
  }
  return rows.at(-1)?.at(-1) ?? 0;
}
