import type { Annotation } from "@fairway/core";
import type { ShadowResult, ShadowStatement } from "./shadow-check.ts";
import type { HeldLock } from "./tables-and-locks.ts";
import { strengthOf } from "./tables-and-locks.ts";

/** From here on programs wait (https://www.postgresql.org/docs/current/explicit-locking.html). */
const keepsWritersOut = strengthOf("ShareLock");

/**
 * What the shadow database said, as findings of a check: what it refused is an error, what writes a table anew or cannot be
 * taken back as its author says a warning, and each lock that programs would wait for a notice.
 */
export const shadowFindings = (results: readonly ShadowResult[]): readonly Annotation[] =>
  results.flatMap(({ file, statements, refused, back }) => [
    ...statements.flatMap((statement, index) => ofStatement(file, statement, statements[index - 1]?.locks ?? [])),
    ...(refused === null
      ? []
      : [
          {
            severity: refused.unsure ? ("warning" as const) : ("error" as const),
            file,
            ...refused.place,
            rule: refused.unsure ? "not-tried" : "refused-by-postgresql",
            message: [
              refused.message,
              ...(refused.hint === null ? [] : [refused.hint]),
              ...(refused.unsure
                ? ["the server of the shadow database lacks it, and from here on nothing was tried"]
                : []),
            ].join("; "),
          },
        ]),
    ...(back === null || back.tested
      ? []
      : [
          {
            severity: "warning" as const,
            file,
            line: null,
            column: null,
            rule: "way-back-does-not-lead-back",
            message: `the way back was tried, and does not count: ${back.why}`,
          },
        ]),
  ]);

function ofStatement(
  file: string,
  { place, millis, locks, rewritten }: ShadowStatement,
  held: readonly HeldLock[],
): readonly Annotation[] {
  const taken = locks.filter(
    ({ table, mode }) =>
      strengthOf(mode) >= keepsWritersOut && !held.some((lock) => lock.table === table && lock.mode === mode),
  );
  return [
    ...rewritten.map((table): Annotation => ({
      severity: "warning",
      file,
      ...place,
      rule: "table-rewritten",
      message: `every row of ${table} is written anew, and nobody can use it meanwhile`,
    })),
    ...taken.map(({ table, mode }): Annotation => ({
      severity: "notice",
      file,
      ...place,
      rule: "lock",
      message: `${mode} on ${table}, which keeps ${mode === "AccessExclusiveLock" ? "readers and writers" : "writers"} out; ${millis.toFixed(1)} ms without rows`,
    })),
  ];
}
