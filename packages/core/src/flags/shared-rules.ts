import type { FlagDefinition, FlagSet, FlagValue } from "./flag-set.ts";

type SharedRules = Readonly<Record<string, FlagValue>>;

/**
 * The set with every shared rule put where it is used, so that whoever reads it need not know of them. The set must be
 * without problems.
 */
export function resolveSharedRules(set: FlagSet): FlagSet {
  const { flags, $evaluators: evaluators = {}, ...rest } = set;
  if (Object.keys(evaluators).length === 0) return { ...rest, flags };
  return {
    ...rest,
    flags: Object.fromEntries(
      Object.entries(flags).map(([key, flag]): [string, FlagDefinition] => [
        key,
        flag.targeting === undefined ? flag : { ...flag, targeting: resolved(flag.targeting, evaluators) },
      ]),
    ),
  };
}

function resolved(rule: FlagValue, evaluators: SharedRules): FlagValue {
  const name = referenceOf(rule);
  if (name !== null) return resolved(evaluators[name] ?? null, evaluators);
  if (isList(rule)) return rule.map((item) => resolved(item, evaluators));
  if (typeof rule !== "object" || rule === null) return rule;
  return Object.fromEntries(Object.entries(rule).map(([key, value]) => [key, resolved(value, evaluators)]));
}

/** How many characters the set has once its shared rules are in place, found without putting them there. */
export function resolvedSize({ flags, $evaluators: evaluators = {} }: FlagSet): number {
  const known = new Map<string, number>();
  const sizeOf = (rule: FlagValue): number => {
    const name = referenceOf(rule);
    if (name !== null) {
      const size = known.get(name) ?? sizeOf(evaluators[name] ?? null);
      known.set(name, size);
      return size;
    }
    if (isList(rule)) return 2 + rule.reduce<number>((sum, item) => sum + sizeOf(item) + 1, 0);
    if (typeof rule !== "object" || rule === null) return JSON.stringify(rule).length;
    return 2 + Object.entries(rule).reduce((sum, [key, value]) => sum + key.length + 4 + sizeOf(value), 0);
  };
  return Object.values(flags).reduce((sum, flag) => sum + sizeOf(flag as unknown as FlagValue), 0);
}

/** The names of a circle that begins with this shared rule or that it leads into; null when there is none. */
export function circleFrom(name: string, evaluators: SharedRules): readonly string[] | null {
  const sound = new Set<string>();
  const follow = (next: string, before: readonly string[]): readonly string[] | null => {
    if (before.includes(next)) return [...before.slice(before.indexOf(next)), next];
    if (sound.has(next) || !Object.hasOwn(evaluators, next)) return null;
    for (const used of referencesIn(evaluators[next] ?? null)) {
      const circle = follow(used, [...before, next]);
      if (circle) return circle;
    }
    sound.add(next);
    return null;
  };
  return follow(name, []);
}

function referencesIn(rule: FlagValue): readonly string[] {
  const name = referenceOf(rule);
  if (name !== null) return [name];
  return typeof rule === "object" && rule !== null
    ? Object.values(rule).flatMap((value: FlagValue) => referencesIn(value))
    : [];
}

/** The shared rule that stands here, as `{ "$ref": "name" }`. */
function referenceOf(rule: FlagValue): string | null {
  if (typeof rule !== "object" || rule === null || isList(rule)) return null;
  const name = Object.hasOwn(rule, "$ref") ? rule["$ref"] : undefined;
  return typeof name === "string" ? name : null;
}

const isList = (value: FlagValue): value is readonly FlagValue[] => Array.isArray(value);
