import type { ChecksShape } from "@fairway/api";
import { placeOfAnnotation } from "@fairway/core";
import { dim, harmless, paint, wrap } from "./terminal.ts";

type Result = ChecksShape["results"][number];

const colours = { error: "failed", warning: "waiting", notice: "pending" } as const;

/** What the checks of a run found, tool by tool in one form, and which were left out and why. */
export const checkLines = (checks: ChecksShape, width: number): readonly string[] => [
  ...checks.results.filter(({ annotations }) => annotations.length > 0).flatMap((result) => resultLines(result, width)),
  ...notRunLines(checks, width),
];

/** Which checks were left out, those with one reason together. */
function notRunLines({ notRun }: ChecksShape, width: number): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { check, why } of notRun) byReason.set(why, [...(byReason.get(why) ?? []), check]);
  return [...byReason].flatMap(([why, names]) =>
    wrap(harmless(`not run: ${names.join(", ")}: ${why}`), width, "  ").map(dim),
  );
}

function resultLines(result: Result, width: number): readonly string[] {
  const more = result.errors + result.warnings + result.notices - result.annotations.length;
  return [
    "",
    ...wrap(harmless(`${result.job}: ${result.summary}`), width, ""),
    ...result.annotations.flatMap((annotation) => {
      const place = placeOfAnnotation(annotation);
      const rule = annotation.rule === null ? "" : ` (${annotation.rule})`;
      const [first = "", ...rest] = wrap(
        harmless(`${place === "" ? "" : `${place}  `}${annotation.severity}: ${annotation.message}${rule}`),
        width,
        "  ",
      );
      return [paint(colours[annotation.severity], first), ...rest];
    }),
    ...(more > 0 ? [dim(`  … and ${more} more`)] : []),
  ];
}
