/** The way to a value: keys of objects and positions in lists. */
export type Path = readonly (string | number)[];

/** `services.api.build.commands[0]`, as people write it. */
export const textOfPath = (path: Path): string =>
  path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");

/** The place as the subject of a sentence: the last key, with the position when it is in a list. */
export function nameOfPath(path: Path): string {
  const at = path.findLastIndex((part) => typeof part === "string");
  const positions = path.slice(at + 1).map((part) => `[${part}]`);
  return at === -1 ? "the configuration" : `${path[at]}${positions.join("")}`;
}

/** Whether the value is an object with keys: no list, no null. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is at the path, own properties only; undefined when nothing is. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return value;
}
