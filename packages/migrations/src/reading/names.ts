import type { Node, RangeVar, TypeName } from "@pgsql/types";

/** A table as people write it; `public` is left out, so that both spellings are one. */
export const tableName = (range: RangeVar | undefined): string =>
  [range?.schemaname === "public" ? undefined : range?.schemaname, range?.relname ?? "?"]
    .filter((part) => part !== undefined && part !== "")
    .join(".");

/** The words of a dotted name. */
export const wordsOf = (names: readonly Node[] | undefined): readonly string[] =>
  (names ?? []).flatMap((node) => ("String" in node ? [node.String.sval ?? ""] : []));

/** A dotted name as people write it. */
export const dotted = (names: readonly Node[] | undefined): string => {
  const words = wordsOf(names);
  return (words[0] === "public" ? words.slice(1) : words).join(".");
};

/** A type with its length: `varchar(20)`, `numeric(10,2)`, `text[]`. */
export function typeName(type: TypeName | undefined): string {
  if (type === undefined) return "";
  const words = wordsOf(type.names);
  const name = (words[0] === "pg_catalog" ? words.slice(1) : words).join(".");
  const lengths = (type.typmods ?? []).flatMap((node) =>
    "A_Const" in node && node.A_Const.ival !== undefined ? [node.A_Const.ival.ival ?? 0] : [],
  );
  const length = lengths.length > 0 ? `(${lengths.join(",")})` : "";
  return `${name}${length}${(type.arrayBounds ?? []).length > 0 ? "[]" : ""}`;
}
