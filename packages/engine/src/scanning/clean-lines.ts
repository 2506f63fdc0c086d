import type { CleanedLines } from "./scan-job.ts";
import type { ScanParts } from "./scan-text.ts";
import { isPlaceholder, secretPatterns } from "./secret-patterns.ts";

const shownInstead = "***";

/** Takes out of lines what is known to be secret, and what looks so: before anybody keeps them. */
export function cleanLines(lines: readonly string[], { known, nameOf }: ScanParts): CleanedLines {
  const text = lines.join("\n");
  const hits = known(text);
  const credentials = new Map(
    hits.map(({ credential, value }) => [credential, { credential, fingerprint: nameOf(value) }]),
  );
  const looks = secretPatterns.flatMap(({ rule, pattern }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const value = match.groups?.["key"] ?? match[0];
      return isPlaceholder(value) ? [] : [{ rule, value }];
    }),
  );
  const values = [...hits.map(({ whole, value }) => whole ?? value), ...looks.map(({ value }) => value)];
  if (values.length === 0) return { lines, credentials: [], rules: [] };
  let cleaned = text;
  // The longest first: one may be a part of another. Lines stay lines, so that those after them keep their numbers.
  for (const value of [...new Set(values)].toSorted((one, other) => other.length - one.length))
    cleaned = cleaned.replaceAll(value, (found) => shownInstead + "\n".repeat(found.split("\n").length - 1));
  return {
    lines: cleaned.split("\n"),
    credentials: [...credentials.values()],
    rules: [...new Set(looks.map(({ rule }) => rule))],
  };
}
