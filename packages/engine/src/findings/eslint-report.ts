import type { Annotation } from "@fairway/core";
import type { Places } from "./places.ts";
import { jsonOf, listOf, numberOrNull, recordOf, textOf, textOrNull } from "./report-form.ts";

/** Reads what ESLint writes with `--format json`: https://eslint.org/docs/latest/use/formatters/#json */
export function readEslint(text: string, places: Places): readonly Annotation[] {
  return listOf(jsonOf(text), "the list of files").flatMap((one) => {
    const file = recordOf(one, "a file");
    const path = textOf(file["filePath"], "a file's path");
    return listOf(file["messages"], "a file's list of messages").map((each): Annotation => {
      const message = recordOf(each, "a message");
      return {
        severity: message["severity"] === 2 || message["fatal"] === true ? "error" : "warning",
        file: places(path),
        line: numberOrNull(message["line"]),
        column: numberOrNull(message["column"]),
        rule: textOrNull(message["ruleId"]),
        message: textOf(message["message"], "the text of a message"),
      };
    });
  });
}
