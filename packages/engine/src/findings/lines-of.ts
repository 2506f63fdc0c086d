import { placeOfAnnotation, type Verdict } from "@fairway/core";

const mostShown = 12;

/** The first annotations of a verdict, a line for each, for where only a text is shown. */
export function linesOf({ annotations }: Verdict): readonly string[] {
  if (annotations === undefined) return [];
  const { kept, errors, warnings, notices } = annotations;
  const shown = kept.slice(0, mostShown).map((each) => {
    const [first = ""] = each.message.split("\n");
    const rule = each.rule === null ? "" : ` (${each.rule})`;
    return `  ${[placeOfAnnotation(each), `${each.severity}: ${first}${rule}`].filter((part) => part !== "").join("  ")}`;
  });
  const more = errors + warnings + notices - shown.length;
  return more > 0 ? [...shown, `  … and ${more} more`] : shown;
}
