import type { FlagDefinition, FlagSet } from "./flag-set.ts";
import { flagOf } from "./flag-set.ts";

/** What became of one flag from one set to another. */
export interface FlagDiff {
  readonly key: string;
  readonly change: "added" | "removed" | "changed";
  readonly from: FlagDefinition | null;
  readonly to: FlagDefinition | null;
}

/** What differs from one set of flags to another, by key. The order in which things are written is no difference. */
export function diffFlags(from: FlagSet, to: FlagSet): readonly FlagDiff[] {
  const keys = [...new Set([...Object.keys(from.flags), ...Object.keys(to.flags)])].toSorted();
  return keys.flatMap((key): readonly FlagDiff[] => {
    const [before, after] = [flagOf(from, key) ?? null, flagOf(to, key) ?? null];
    if (before === null) return [{ key, change: "added", from: before, to: after }];
    if (after === null) return [{ key, change: "removed", from: before, to: after }];
    return sameJson(before, after) ? [] : [{ key, change: "changed", from: before, to: after }];
  });
}

/** Whether two values are the same JSON, whatever the order of their keys. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [before, after] = [Object.entries(one), Object.keys(other)];
  return (
    before.length === after.length &&
    before.every(
      ([key, value]) => Object.hasOwn(other, key) && sameJson(value, (other as Record<string, unknown>)[key]),
    )
  );
}
