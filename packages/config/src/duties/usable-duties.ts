import type { z } from "zod";
import { isRecord, type Path } from "../path.ts";

/** What of a file's data has the form that it should, and where that stood before the rest was taken off. */
export interface UsableData<Content> {
  /** Null where nothing of it can be used. */
  readonly content: Content | null;
  /** The place in the file of a place in the content. */
  placeOf(path: Path): Path;
}

/** More rounds than a file has levels: each takes off at least one wrong part. */
const mostRounds = 200;

/**
 * The part of a file of `ops/` whose form is right, so that what it says can be looked at even though something else in it is
 * wrong: all problems are told in one answer. Nothing is done by such a part. `instead`: what stands for keys that the file
 * cannot do without where they are wrong.
 */
export function usableDuties<Content>(
  data: unknown,
  schema: z.ZodType<Content>,
  instead: Readonly<Record<string, unknown>> = {},
): UsableData<Content> {
  const part: unknown = structuredClone(data);
  const moved = new Map<unknown, number[]>();
  const placeOf = (path: Path): Path => {
    let value = part;
    return path.map((key) => {
      const place = typeof key === "number" ? (moved.get(value)?.[key] ?? key) : key;
      value = child(value, key);
      return place;
    });
  };
  for (let round = 0; round < mostRounds; round++) {
    const parsed = schema.safeParse(part);
    if (parsed.success) return { content: parsed.data, placeOf };
    if (round === 0 && fillIn(part, parsed.error.issues, instead)) continue;
    const wrong = parsed.error.issues.flatMap((issue): readonly Path[] =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => [...(issue.path as Path), key])
        : [issue.path as Path],
    );
    // From the end of lists, so that what is still to be taken off stays where it is.
    const gone = new Set<string>();
    const taken = wrong.toSorted(lastFirst).map((path) => takeOff(part, path, { moved, gone }));
    if (!taken.includes(true)) break;
  }
  return { content: null, placeOf };
}

/** Puts something where the file itself lacks what it cannot do without, or has none of its form. */
function fillIn(
  root: unknown,
  issues: readonly z.core.$ZodIssue[],
  instead: Readonly<Record<string, unknown>>,
): boolean {
  if (!isRecord(root)) return false;
  let isFilled = false;
  for (const { path } of issues) {
    const [key = "", ...below] = path as Path;
    // Of a list or an object that is one only what is wrong in it is taken off.
    if (below.length > 0 || !Object.hasOwn(instead, key)) continue;
    (root as Record<string, unknown>)[key] = instead[key];
    isFilled = true;
  }
  return isFilled;
}

/** Takes away the nearest thing at or around the path; nothing where the item of a list that it was in is gone already. */
function takeOff(
  root: unknown,
  path: Path,
  { moved, gone }: { readonly moved: Map<unknown, number[]>; readonly gone: Set<string> },
): boolean {
  if (path.some((_, index) => gone.has(JSON.stringify(path.slice(0, index + 1))))) return false;
  for (let length = path.length; length > 0; length--) {
    const key = path[length - 1];
    const container = path.slice(0, length - 1).reduce<unknown>(child, root);
    if (typeof key === "number" && Array.isArray(container) && key < container.length) {
      const places = moved.get(container) ?? container.map((_, index) => index);
      places.splice(key, 1);
      moved.set(container, places);
      container.splice(key, 1);
      gone.add(JSON.stringify(path.slice(0, length)));
      return true;
    }
    if (typeof key !== "string" || !isRecord(container) || !Object.hasOwn(container, key)) continue;
    delete (container as Record<string, unknown>)[key];
    return true;
  }
  return false;
}

function lastFirst(one: Path, other: Path): number {
  for (const [index, key] of one.entries()) {
    const beside = other[index];
    if (key === beside) continue;
    if (typeof key === "number" && typeof beside === "number") return beside - key;
    return String(key) < String(beside) ? -1 : 1;
  }
  return 0;
}

const child = (value: unknown, key: string | number): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string | number, unknown>>)[key]
    : undefined;
