import type { JsonObject, JsonValue } from "../model/json.ts";

/** GitHub's bound on the legs of one job. */
export const mostLegs = 256;

/** The legs of a matrix in GitHub's order, or what is wrong with it. */
export type Unfolded = { readonly legs: readonly JsonObject[] } | { readonly fault: string };

/**
 * Unfolds a matrix whose expressions are computed: the product of the vectors without what `exclude` names, then
 * `include`, which adds to the legs that it does not contradict and else becomes a leg of its own.
 */
export function unfoldMatrix(matrix: JsonValue): Unfolded {
  if (!isObject(matrix)) return { fault: "the matrix is not a mapping" };
  const { include: included = [], exclude: excluded = [], ...vectors } = matrix;
  const include = objectsOf(included);
  const exclude = objectsOf(excluded);
  if (include === undefined || exclude === undefined) {
    return { fault: "'include' and 'exclude' are lists of mappings" };
  }
  for (const [name, values] of Object.entries(vectors)) {
    if (!Array.isArray(values)) return { fault: `Matrix vector '${name}' is not a list` };
    if (values.length === 0) return { fault: `Matrix vector '${name}' does not contain any values` };
  }
  const product = productOf(vectors as Readonly<Record<string, readonly JsonValue[]>>);
  if (product === undefined) return { fault: tooMany };
  const legs = product.filter((leg) => !exclude.some((filter) => fits(leg, filter)));
  const all = withIncluded(legs, include, Object.keys(vectors));
  if (all.length > mostLegs) return { fault: tooMany };
  return all.length === 0 ? { fault: "the matrix has no legs: everything is excluded" } : { legs: all };
}

const tooMany = `the matrix has more than ${mostLegs} legs`;

function productOf(vectors: Readonly<Record<string, readonly JsonValue[]>>): readonly JsonObject[] | undefined {
  const entries = Object.entries(vectors);
  if (entries.length === 0) return [];
  let legs: readonly JsonObject[] = [{}];
  for (const [name, values] of entries) {
    // Excluded ones count while they are there; a few times the bound is still quickly gone through.
    if (legs.length * values.length > mostLegs * 64) return undefined;
    legs = legs.flatMap((leg) => values.map((value) => ({ ...leg, [name]: value })));
  }
  return legs;
}

function withIncluded(
  legs: readonly JsonObject[],
  include: readonly JsonObject[],
  vectors: readonly string[],
): readonly JsonObject[] {
  const extended = legs.map((leg) => ({ leg, original: leg }));
  const added: JsonObject[] = [];
  for (const extra of include) {
    const own = Object.fromEntries(Object.entries(extra).filter(([key]) => vectors.includes(key)));
    let used = false;
    for (const entry of extended) {
      // Values of the vectors may not be overwritten; what another include has added may.
      if (Object.entries(own).some(([key, value]) => !same(entry.original[key], value))) continue;
      entry.leg = { ...entry.leg, ...extra };
      used = true;
    }
    if (!used) added.push(extra);
  }
  return [...extended.map(({ leg }) => leg), ...added];
}

/** Whether every value that the filter names is the leg's; of a mapping only the keys that it names. */
function fits(value: JsonValue | undefined, filter: JsonValue): boolean {
  if (isObject(filter)) {
    return isObject(value) && Object.entries(filter).every(([key, item]) => fits(value[key], item));
  }
  return same(value, filter);
}

function same(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (typeof one === "string" && typeof other === "string") return one.toLowerCase() === other.toLowerCase();
  if (typeof one !== "object" && typeof other !== "object") {
    return one === other || (one !== undefined && other !== undefined && String(one) === String(other));
  }
  return JSON.stringify(one) === JSON.stringify(other);
}

function objectsOf(value: JsonValue): readonly JsonObject[] | undefined {
  if (value === null || value === "") return [];
  return Array.isArray(value) && value.every(isObject) ? value : undefined;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
