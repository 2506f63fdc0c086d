import type { Annotation } from "./job-host.ts";

type Place = Pick<Annotation, "line" | "endLine" | "column" | "endColumn">;

/**
 * The lines and columns of `::error line=…::`, made consistent as the official runner does (ValidateLinesAndColumns): an
 * end without a start is the start, columns need one line, an end before its start takes both away.
 */
export function annotationPlace(properties: Readonly<Record<string, string>>): Place {
  let line = numberOf(properties["line"]);
  let endLine = numberOf(properties["endline"]);
  let column = numberOf(properties["col"]);
  let endColumn = numberOf(properties["endcolumn"]);
  line ??= endLine;
  column ??= endColumn;
  if (line === undefined || (endLine !== undefined && line !== endLine)) column = endColumn = undefined;
  if (line !== undefined && endLine !== undefined && endLine < line) line = endLine = undefined;
  if (column !== undefined && endColumn !== undefined && endColumn < column) column = endColumn = undefined;
  return {
    ...(line === undefined ? {} : { line }),
    ...(endLine === undefined ? {} : { endLine }),
    ...(column === undefined ? {} : { column }),
    ...(endColumn === undefined ? {} : { endColumn }),
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*[+-]?\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}
