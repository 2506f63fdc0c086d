import { isObject, pointerTo, shown } from "./flag-json.ts";
import type { FlagDefinition, FlagSet, FlagValue } from "./flag-set.ts";
import { flagLimits } from "./flag-set.ts";
import { resolvedSize } from "./shared-rules.ts";
import { targetingProblems } from "./targeting-problems.ts";

/** Something that is wrong with flags, where, and what to do about it. */
export interface FlagProblem {
  /** A JSON pointer (RFC 6901) into what was given. */
  readonly pointer: string;
  readonly problem: string;
  readonly fix: string;
}

/** A problem as a line for a person. */
export const flagProblemText = ({ pointer, problem, fix }: FlagProblem): string =>
  `${pointer === "" ? "the whole" : pointer}: ${problem}; ${fix}`;

const keyRule = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const metadataTypes = ["string", "number", "boolean"];

/** Everything that is wrong with a set of flags; an empty list says that it can be evaluated. */
export function flagSetProblems(given: unknown): readonly FlagProblem[] {
  if (!isObject(given)) return [{ pointer: "", problem: "is not an object", fix: 'write { "flags": { … } }' }];
  const unfit = sizeProblem(given, "", flagLimits.set, "the set");
  if (unfit) return [unfit];
  const { flags, $evaluators: evaluators = {}, metadata } = given;
  if (!isObject(flags))
    return [{ pointer: "/flags", problem: "is not an object", fix: "give an object with the flags by their keys" }];
  const names = Object.keys(flags);
  if (names.length > flagLimits.flags)
    return [
      {
        pointer: "/flags",
        problem: `holds ${names.length} flags`,
        fix: `keep it to ${flagLimits.flags}: remove those that are stale`,
      },
    ];
  const shared = isObject(evaluators) ? evaluators : {};
  const found = [
    ...strangers(given, ["flags", "$evaluators", "metadata", "$schema"], ""),
    ...(isObject(evaluators) ? [] : [notAnObject("/$evaluators")]),
    ...metadataProblems(metadata, "/metadata"),
    ...Object.entries(shared).flatMap(([name, rule]) =>
      targetingProblems(rule, pointerTo("/$evaluators", name), { variants: null, evaluators: shared }),
    ),
    ...names.flatMap((key) => [
      ...keyProblems(key, pointerTo("/flags", key)),
      ...flagProblems(flags[key], pointerTo("/flags", key), shared),
    ]),
  ];
  // Shared rules that use shared rules may be many times as large where they are used.
  const size = found.length > 0 ? 0 : resolvedSize(asFlagSet(given));
  return size <= flagLimits.set
    ? found
    : [
        {
          pointer: "/$evaluators",
          problem: `with its shared rules in place the set has ${size} characters`,
          fix: `keep it to ${flagLimits.set} characters`,
        },
      ];
}

/** Everything that is wrong with one flag at its place. */
export function flagProblems(
  given: unknown,
  pointer: string,
  evaluators: Readonly<Record<string, FlagValue>> = {},
): readonly FlagProblem[] {
  if (!isObject(given)) return [notAnObject(pointer)];
  const unfit = sizeProblem(given, pointer, flagLimits.definition, "the flag");
  if (unfit) return [unfit];
  const { state, variants, defaultVariant, targeting, metadata } = given;
  const names = isObject(variants) ? Object.keys(variants) : [];
  return [
    ...strangers(given, ["state", "variants", "defaultVariant", "targeting", "metadata"], pointer),
    ...(state === "ENABLED" || state === "DISABLED"
      ? []
      : [
          {
            pointer: pointerTo(pointer, "state"),
            problem: state === undefined ? "is missing" : `is ${shown(state)}`,
            fix: 'write "ENABLED" or "DISABLED"',
          },
        ]),
    ...variantProblems(variants, pointerTo(pointer, "variants")),
    ...defaultProblems(defaultVariant, names, pointerTo(pointer, "defaultVariant")),
    ...(targeting === undefined
      ? []
      : targetingRootProblems(targeting, pointerTo(pointer, "targeting"), names, evaluators)),
    ...metadataProblems(metadata, pointerTo(pointer, "metadata")),
  ];
}

/** What is wrong with the name of a flag. */
export const keyProblems = (key: string, pointer: string): readonly FlagProblem[] =>
  keyRule.test(key)
    ? []
    : [
        {
          pointer,
          problem: `${shown(key)} cannot be the key of a flag`,
          fix: "use letters, digits, dots, dashes and underscores, at most 128, and begin with a letter or a digit",
        },
      ];

function targetingRootProblems(
  targeting: FlagValue,
  pointer: string,
  variants: readonly string[],
  evaluators: Readonly<Record<string, FlagValue>>,
): readonly FlagProblem[] {
  if (!isObject(targeting))
    return [{ pointer, problem: `is ${shown(targeting)}`, fix: 'give a rule: { "if": [ … ] }, or leave it out' }];
  return Object.keys(targeting).length === 0 ? [] : targetingProblems(targeting, pointer, { variants, evaluators });
}

function variantProblems(variants: unknown, pointer: string): readonly FlagProblem[] {
  if (!isObject(variants))
    return [{ pointer, problem: "is not an object", fix: 'name what the flag can give: { "on": true, "off": false }' }];
  const entries = Object.entries(variants);
  const [first] = entries;
  if (first === undefined) return [{ pointer, problem: "is empty", fix: "name at least one value" }];
  const type = typeOf(first[1]);
  return entries.flatMap(([name, value]): readonly FlagProblem[] => {
    const at = pointerTo(pointer, name);
    if (name === "") return [{ pointer: at, problem: "has no name", fix: "give the variant a name" }];
    if (value === null || Array.isArray(value))
      return [{ pointer: at, problem: `is ${shown(value)}`, fix: "give a boolean, a string, a number or an object" }];
    if (typeOf(value) !== type)
      return [
        {
          pointer: at,
          problem: `is a ${typeOf(value)}, while ${shown(first[0])} is a ${type}`,
          fix: "give all variants of a flag the same type",
        },
      ];
    return numberProblems(value, at);
  });
}

/** A number that JavaScript would round is another number at whoever asks. */
function numberProblems(value: FlagValue, pointer: string): readonly FlagProblem[] {
  if (typeof value === "number")
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER
      ? []
      : [{ pointer, problem: `${value} is beyond ±(2^53 − 1)`, fix: "give it as a string" }];
  if (Array.isArray(value)) return value.flatMap((item, index) => numberProblems(item, pointerTo(pointer, index)));
  return isObject(value)
    ? Object.entries(value).flatMap(([key, item]) => numberProblems(item, pointerTo(pointer, key)))
    : [];
}

function defaultProblems(given: unknown, names: readonly string[], pointer: string): readonly FlagProblem[] {
  if (given === undefined || given === null) return [];
  if (typeof given === "string" && names.includes(given)) return [];
  return [{ pointer, problem: `${shown(given)} is no variant`, fix: `name one of: ${names.join(", ")}` }];
}

function metadataProblems(given: unknown, pointer: string): readonly FlagProblem[] {
  if (given === undefined) return [];
  if (!isObject(given)) return [notAnObject(pointer)];
  return Object.entries(given)
    .filter(([, value]) => !metadataTypes.includes(typeof value))
    .map(([key, value]) => ({
      pointer: pointerTo(pointer, key),
      problem: `is ${shown(value)}`,
      fix: "give a string, a number or a boolean",
    }));
}

const strangers = (
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
  pointer: string,
): readonly FlagProblem[] =>
  Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      pointer: pointerTo(pointer, key),
      problem: "is not known here",
      fix: `leave it out; known are: ${known.join(", ")}`,
    }));

/** Asked first: what is deeper than this could not be walked through, nor what is larger be kept. */
function sizeProblem(given: unknown, pointer: string, most: number, what: string): FlagProblem | null {
  if (deeperThan(given, flagLimits.depth))
    return { pointer, problem: `is nested deeper than ${flagLimits.depth}`, fix: "flatten it" };
  const size = JSON.stringify(given).length;
  return size <= most
    ? null
    : { pointer, problem: `${what} has ${size} characters`, fix: `keep it to ${most} characters` };
}

/** Without recursion: what is asked about may be deeper than the stack. */
function deeperThan(given: unknown, most: number): boolean {
  let level: readonly unknown[] = [given];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return false;
}

const notAnObject = (pointer: string): FlagProblem => ({ pointer, problem: "is not an object", fix: "give an object" });

const typeOf = (value: unknown): string => (Array.isArray(value) ? "list" : value === null ? "null" : typeof value);

/** A set that was found to be without problems, as the type says it. */
export const asFlagSet = (given: unknown): FlagSet => {
  const { $schema: _schema, ...set } = given as FlagSet & { readonly $schema?: string };
  return set;
};

/** A flag that was found to be without problems, as the type says it. */
export const asFlag = (given: unknown): FlagDefinition => given as FlagDefinition;
