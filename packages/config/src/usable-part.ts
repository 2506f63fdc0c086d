import { isRecord, type Path } from "./path.ts";
import type { ProjectConfig } from "./project-config.ts";
import { projectSchema } from "./schema.ts";

/** More rounds than a configuration has levels: each takes off at least one wrong part. */
const mostRounds = 200;

/**
 * The part of a configuration whose form is right, so that the rules can look at it even though something else in it
 * is wrong: all problems are told at once. Null when nothing of it can be used.
 */
export function usablePart(data: unknown): ProjectConfig | null {
  if (!isRecord(data)) return null;
  const part = structuredClone(data) as Record<string, unknown>;
  for (let round = 0; round < mostRounds; round++) {
    const parsed = projectSchema.safeParse(part);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const path = issue.path as Path;
      if (issue.code === "unrecognized_keys") for (const key of issue.keys) takeOff(part, [...path, key]);
      else takeOff(part, path);
    }
  }
  return null;
}

/** Takes away the nearest key at or around the path; what the root cannot do without is filled in. */
function takeOff(root: Record<string, unknown>, path: Path): void {
  const [first] = path;
  for (let length = path.length; length > 0; length--) {
    const key = path[length - 1];
    const container = path.slice(0, length - 1).reduce<unknown>(child, root);
    // Taking an item out of a list would move the ones after it to other places.
    if (typeof key !== "string" || !isRecord(container) || !Object.hasOwn(container, key)) continue;
    delete (container as Record<string, unknown>)[key];
    break;
  }
  if (first === "name" && root["name"] === undefined) root["name"] = "unnamed";
  if (first === "services" && (!isRecord(root["services"]) || Object.keys(root["services"]).length === 0))
    root["services"] = { unnamed: {} };
}

const child = (value: unknown, key: string | number): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string | number, unknown>>)[key]
    : undefined;
