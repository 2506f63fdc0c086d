import type { FieldChange } from "@fairway/core";
import type { ChangeJson } from "./plan-json.ts";

type Path = readonly (string | number)[];

/** Longer values tell nobody more; whoever wants them looks into the code. */
const longestValue = 2000;
const mostFields = 200;

/**
 * The values that differ, with what is sensitive taken out. A value is sensitive when the program says so of it, of what it
 * is in, or of what is in it, before or after; and when it holds what is sensitive elsewhere, which `isSecret` is asked with
 * the value as JSON.
 */
export function fieldChanges(change: ChangeJson, isSecret: (json: string) => boolean): readonly FieldChange[] {
  const found: FieldChange[] = [];
  const walk = (path: Path, before: unknown, after: unknown, unknown: unknown, hidden: readonly unknown[]): void => {
    if (found.length >= mostFields) return;
    const sensitive = hidden.includes(true);
    const isUnknown = unknown === true;
    if (!sensitive && !isUnknown && isBranch(before, after)) {
      for (const key of keysOf(before, after, unknown))
        walk(
          [...path, key],
          at(before, key),
          at(after, key),
          at(unknown, key),
          hidden.map((one) => at(one, key)),
        );
      return;
    }
    if (!isUnknown && JSON.stringify(before) === JSON.stringify(after)) return;
    const anySensitive =
      sensitive ||
      hidden.some(holdsTrue) ||
      [before, after].some((value) => value !== undefined && value !== null && isSecret(JSON.stringify(value)));
    found.push({
      path: shownPath(path),
      before: anySensitive ? null : shown(before),
      after: anySensitive || isUnknown ? null : shown(after),
      sensitive: anySensitive,
      unknown: isUnknown,
      replaces: (change.replace_paths ?? []).some((one) => isPrefix(one, path)),
    });
  };
  walk([], change.before, change.after, change.after_unknown, [change.before_sensitive, change.after_sensitive]);
  return found;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether both sides have parts that can be compared one by one; one that is new or gone is looked into too. */
function isBranch(before: unknown, after: unknown): boolean {
  const isEmpty = (value: unknown): boolean => value === null || value === undefined;
  if (isRecord(before) || isRecord(after))
    return (isRecord(before) || isEmpty(before)) && (isRecord(after) || isEmpty(after));
  return Array.isArray(before) && Array.isArray(after);
}

function keysOf(...values: readonly unknown[]): readonly (string | number)[] {
  const keys = new Set<string | number>();
  for (const value of values) {
    if (Array.isArray(value)) for (const index of value.keys()) keys.add(index);
    else if (isRecord(value)) for (const key of Object.keys(value)) keys.add(key);
  }
  return [...keys].toSorted((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1,
  );
}

function at(value: unknown, key: string | number): unknown {
  // What is said of the whole is said of its parts.
  if (value === true) return true;
  if (Array.isArray(value)) return typeof key === "number" ? (value as readonly unknown[])[key] : undefined;
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

const holdsTrue = (value: unknown): boolean =>
  value === true ||
  (Array.isArray(value) && value.some(holdsTrue)) ||
  (isRecord(value) && Object.values(value).some(holdsTrue));

const isPrefix = (prefix: Path, path: Path): boolean => prefix.every((part, index) => part === path[index]);

const shownPath = (path: Path): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[\w-]+$/u.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "") || "(everything)";

function shown(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
