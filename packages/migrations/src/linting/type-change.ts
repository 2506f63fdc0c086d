/**
 * Whether PostgreSQL changes a type without rewriting the rows: a text that may be longer, a number that may have more
 * digits before the same scale, a time that may be more exact
 * (https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES). Where the old type is not known the
 * answer is no.
 */
export function isFreeTypeChange(
  before: string | undefined,
  { type, computed }: { readonly type: string; readonly computed: boolean },
): boolean {
  if (before === undefined || computed) return false;
  if (before === type) return true;
  const [from, to] = [partsOf(before), partsOf(type)];
  if (isText(from.name) && isText(to.name)) return to.numbers.length === 0 || longer(from.numbers[0], to.numbers[0]);
  if (from.name !== to.name) return false;
  switch (from.name) {
    case "numeric":
      return to.numbers.length === 0 || (from.numbers[1] === to.numbers[1] && longer(from.numbers[0], to.numbers[0]));
    case "timestamp":
    case "timestamptz":
    case "time":
    case "timetz":
    case "interval":
      return to.numbers.length === 0 || longer(from.numbers[0], to.numbers[0]);
    case "varbit":
      return to.numbers.length === 0 || longer(from.numbers[0], to.numbers[0]);
    default:
      return false;
  }
}

const isText = (name: string): boolean => name === "varchar" || name === "text";

/** No number is no limit. */
const longer = (before: number | undefined, now: number | undefined): boolean =>
  now === undefined || (before !== undefined && now >= before);

function partsOf(type: string): { readonly name: string; readonly numbers: readonly number[] } {
  const [, name = type, list = ""] = /^([^(]+)\(([\d,]*)\)$/u.exec(type) ?? [];
  return { name, numbers: list === "" ? [] : list.split(",").map(Number) };
}
