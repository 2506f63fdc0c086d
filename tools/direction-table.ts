import { readFileSync } from "node:fs";

/** One cell of the direction table: may this folder import that thing, and if not everywhere, where. */
export interface Direction {
  readonly from: string;
  readonly to: string;
  readonly everywhere: boolean;
  readonly tests: boolean;
  /** Paths below the folder in which the import is allowed; one that ends in `/` is a folder. */
  readonly places: readonly string[];
}

/** Reads the direction table out of ARCHITECTURE.md, so that the document is what is enforced. */
export function readDirectionTable(architectureFile: string): readonly Direction[] {
  const section = /<!-- direction-table -->(.*)<!-- \/direction-table -->/su.exec(
    readFileSync(architectureFile, "utf8"),
  );
  const lines = section?.[1]?.split("\n").filter((line) => line.startsWith("|")) ?? [];
  const [header, , ...rows] = lines.map(cellsOf);
  if (header === undefined || rows.length === 0) throw new Error(`${architectureFile} has no direction table`);
  return rows.flatMap(([from = "", ...cells]) =>
    cells.flatMap((cell, index) => (cell === "–" ? [] : [directionOf(from, unquote(header[index + 1] ?? ""), cell)])),
  );
}

function cellsOf(line: string): readonly string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function directionOf(from: string, to: string, cell: string): Direction {
  const words = cell.split(/\s+/u);
  const places = words.filter((word) => word.startsWith("`")).map(unquote);
  const unknown = words.filter((word) => !word.startsWith("`") && !["yes", "no", "tests"].includes(word));
  if (to === "" || unknown.length > 0) throw new Error(`direction table, ${from} → ${to}: cannot read "${cell}"`);
  const everywhere = words.includes("yes");
  return { from, to, everywhere, tests: everywhere || words.includes("tests"), places };
}

function unquote(text: string): string {
  return text.replaceAll("`", "");
}
