import type { Annotation } from "@fairway/core";
import type { Places } from "./places.ts";
import { jsonOf, listOf, numberOrNull, recordOf, textOf, textOrNull } from "./report-form.ts";

/** Reads what `ruff check` writes with `--output-format json`: https://docs.astral.sh/ruff/settings/#output-format */
export function readRuff(text: string, places: Places): readonly Annotation[] {
  return listOf(jsonOf(text), "the list of violations").map((one): Annotation => {
    const violation = recordOf(one, "a violation");
    // Null for what is about a whole notebook or project.
    const place = violation["location"] === null ? {} : recordOf(violation["location"], "a violation's location");
    const file = textOrNull(violation["filename"]);
    return {
      severity: violation["severity"] === "warning" ? "warning" : "error",
      file: file === null ? null : places(file),
      line: numberOrNull(place["row"]),
      column: numberOrNull(place["column"]),
      rule: textOrNull(violation["code"]),
      message: textOf(violation["message"], "a violation's message"),
    };
  });
}
