import type { FlagProblem } from "./flag-problems.ts";
import { isObject, pointerTo, shown } from "./flag-json.ts";
import { circleFrom } from "./shared-rules.ts";
import type { FlagValue } from "./flag-set.ts";

/** What a rule may refer to. */
export interface TargetingWorld {
  /** Null for a shared rule, whose flag is not known. */
  readonly variants: readonly string[] | null;
  readonly evaluators: Readonly<Record<string, FlagValue>>;
}

/** How many arguments each operation takes. JsonLogic's own, and flagd's: https://flagd.dev/reference/flag-definitions. */
const operations: Readonly<Record<string, readonly [least: number, most: number]>> = {
  if: [1, Infinity],
  "==": [2, 2],
  "===": [2, 2],
  "!=": [2, 2],
  "!==": [2, 2],
  ">": [2, 2],
  ">=": [2, 2],
  "<": [2, 3],
  "<=": [2, 3],
  "!": [1, 1],
  "!!": [1, 1],
  and: [1, Infinity],
  or: [1, Infinity],
  "+": [1, Infinity],
  "-": [1, Infinity],
  "*": [1, Infinity],
  "/": [2, 2],
  "%": [2, 2],
  min: [1, Infinity],
  max: [1, Infinity],
  in: [2, 2],
  cat: [1, Infinity],
  substr: [2, 3],
  map: [2, 2],
  filter: [2, 2],
  all: [2, 2],
  none: [2, 2],
  some: [2, 2],
  reduce: [2, 3],
  merge: [0, Infinity],
  missing: [1, Infinity],
  missing_some: [2, 2],
  var: [0, 2],
  starts_with: [2, 2],
  ends_with: [2, 2],
  sem_ver: [3, 3],
  fractional: [1, Infinity],
};
const versionComparisons = ["=", "!=", ">", "<", ">=", "<=", "~", "^"];

/**
 * What is wrong with a rule: unknown operations, the wrong number of arguments, shared rules that are not there or go in
 * a circle, weights that are none, and answers that are no variant of the flag.
 */
export function targetingProblems(rule: FlagValue, pointer: string, world: TargetingWorld): readonly FlagProblem[] {
  const found = ruleProblems(rule, pointer, world);
  // Answers are followed through shared rules, which must be sound for that.
  return found.length > 0 ? found : answerProblems(rule, pointer, world);
}

function ruleProblems(rule: FlagValue, pointer: string, world: TargetingWorld): readonly FlagProblem[] {
  if (Array.isArray(rule)) return rule.flatMap((item, index) => ruleProblems(item, pointerTo(pointer, index), world));
  if (!isObject(rule)) return [];
  const [operation, ...others] = Object.keys(rule);
  if (operation === undefined) return [];
  if (others.length > 0)
    return [
      {
        pointer,
        problem: `has several operations: ${[operation, ...others].join(", ")}`,
        fix: 'give each an object of its own, and join them with "and", "or" or "if"',
      },
    ];
  const at = pointerTo(pointer, operation);
  const given = rule[operation] ?? null;
  if (operation === "$ref") return referenceProblems(given, at, world);
  const bounds = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (bounds === undefined)
    return [{ pointer: at, problem: "is no operation", fix: `use one of: ${Object.keys(operations).join(", ")}` }];
  const args = Array.isArray(given) ? given : [given];
  const [least, most] = bounds;
  if (args.length < least || args.length > most)
    return [
      {
        pointer: at,
        problem: `has ${args.length} argument${args.length === 1 ? "" : "s"}`,
        fix: `give it ${least === most ? least : most === Infinity ? `at least ${least}` : `${least} to ${most}`}`,
      },
    ];
  return [...ownProblems(operation, args, at), ...ruleProblems(given, at, world)];
}

function referenceProblems(name: FlagValue, pointer: string, { evaluators }: TargetingWorld): readonly FlagProblem[] {
  const known = Object.keys(evaluators);
  if (typeof name !== "string" || !Object.hasOwn(evaluators, name))
    return [
      {
        pointer,
        problem: `${shown(name)} is no shared rule`,
        fix: known.length === 0 ? 'add it under "$evaluators"' : `name one of: ${known.join(", ")}`,
      },
    ];
  const circle = circleFrom(name, evaluators);
  return circle === null
    ? []
    : [{ pointer, problem: `goes in a circle: ${circle.join(" → ")}`, fix: "let no shared rule use itself" }];
}

function ownProblems(operation: string, args: readonly FlagValue[], pointer: string): readonly FlagProblem[] {
  if (operation === "fractional") return fractionalProblems(args, pointer);
  const comparison = args[1];
  if (operation === "sem_ver" && typeof comparison === "string" && !versionComparisons.includes(comparison))
    return [
      {
        pointer: pointerTo(pointer, 1),
        problem: `${shown(comparison)} compares no versions`,
        fix: `use one of: ${versionComparisons.join(" ")}`,
      },
    ];
  if (operation === "starts_with" || operation === "ends_with")
    return args.flatMap((value, index) =>
      typeof value === "string" || isObject(value)
        ? []
        : [{ pointer: pointerTo(pointer, index), problem: `is ${shown(value)}`, fix: "give a string or a rule" }],
    );
  return [];
}

/** The buckets of a split: all but a first argument that says what people are told apart by. */
export function bucketsOf(args: readonly FlagValue[]): readonly FlagValue[] {
  const [first, ...rest] = args;
  return Array.isArray(first) ? args : rest;
}

function fractionalProblems(args: readonly FlagValue[], pointer: string): readonly FlagProblem[] {
  const buckets = bucketsOf(args);
  const before = args.length - buckets.length;
  if (buckets.length === 0)
    return [{ pointer, problem: "names no variants", fix: 'give pairs: ["on", 10], ["off", 90]' }];
  const found = buckets.flatMap((bucket, index): readonly FlagProblem[] => {
    const at = pointerTo(pointer, before + index);
    if (!Array.isArray(bucket) || bucket.length === 0 || bucket.length > 2)
      return [{ pointer: at, problem: `is ${shown(bucket)}`, fix: 'give a variant and its weight: ["on", 10]' }];
    const weight: unknown = bucket[1];
    return weight === undefined || isObject(weight) || (Number.isInteger(weight) && (weight as number) >= 0)
      ? []
      : [{ pointer: pointerTo(at, 1), problem: `is ${shown(weight)}`, fix: "give a whole number from 0 on" }];
  });
  if (found.length > 0) return found;
  const weights = buckets.map((bucket) => (Array.isArray(bucket) ? (bucket[1] ?? 1) : 1));
  if (!weights.every((weight) => typeof weight === "number")) return [];
  const sum = weights.reduce<number>((total, weight) => total + Number(weight), 0);
  return sum > 0 && sum <= 2 ** 31 - 1
    ? []
    : [{ pointer, problem: `its weights add up to ${sum}`, fix: "let them add up to more than 0 and less than 2^31" }];
}

/** The variants that a rule names as its answer; what is computed is not known before it is asked. */
function answerProblems(rule: FlagValue, pointer: string, world: TargetingWorld): readonly FlagProblem[] {
  const { variants, evaluators } = world;
  if (variants === null || rule === null || Array.isArray(rule)) return [];
  if (!isObject(rule))
    return variants.includes(`${rule as string | number | boolean}`)
      ? []
      : [{ pointer, problem: `${shown(rule)} is no variant`, fix: `name one of: ${variants.join(", ")}` }];
  const [operation] = Object.keys(rule);
  if (operation === undefined) return [];
  const given = rule[operation] ?? null;
  const args = Array.isArray(given) ? given : [given];
  const at = pointerTo(pointer, operation);
  const answer = (index: number): readonly FlagProblem[] =>
    answerProblems(args[index] ?? null, pointerTo(at, index), world);
  switch (operation) {
    case "if":
      // Condition, answer, condition, answer, …, and what is left over is the last answer.
      return args.flatMap((_, index) =>
        index % 2 === 1 || (index > 0 && index === args.length - 1) ? answer(index) : [],
      );
    case "fractional":
      return bucketsOf(args).flatMap((bucket, index) =>
        answerProblems(
          Array.isArray(bucket) ? (bucket[0] ?? null) : null,
          pointerTo(pointerTo(at, args.length - bucketsOf(args).length + index), 0),
          world,
        ),
      );
    case "$ref":
      // Told where the shared rule is used: it is this flag that lacks the variant.
      return answerProblems(evaluators[given as string] ?? null, "", world).map((found) => ({ ...found, pointer: at }));
    default:
      return [];
  }
}
