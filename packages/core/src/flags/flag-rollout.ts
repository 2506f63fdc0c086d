import type { Percent } from "../units.ts";
import { isObject, shown } from "./flag-json.ts";
import type { FlagDefinition, FlagValue } from "./flag-set.ts";
import { bucketsOf } from "./targeting-problems.ts";

/** Which part of everybody gets a variant. */
export interface VariantShare {
  readonly variant: string;
  readonly percent: Percent;
}

/** What a flag gives, in as few words as its rule allows. */
export type FlagServing =
  /** Turned off: the default in the code. */
  | { readonly gives: "code-default" }
  | { readonly gives: "one"; readonly variant: string }
  | { readonly gives: "split"; readonly shares: readonly VariantShare[] }
  /** It depends on who asks. */
  | { readonly gives: "by-rule" };

/** What a flag gives to everybody, if that can be said without knowing who asks. */
export function servingOf(flag: FlagDefinition): FlagServing {
  if (flag.state === "DISABLED") return { gives: "code-default" };
  const rule = flag.targeting;
  if (!isObject(rule) || Object.keys(rule).length === 0)
    return typeof flag.defaultVariant === "string" && flag.defaultVariant !== ""
      ? { gives: "one", variant: flag.defaultVariant }
      : { gives: "code-default" };
  const shares = sharesOf(rule);
  if (shares === null) return { gives: "by-rule" };
  const [whole] = shares.filter(({ percent }) => percent === 100);
  // Who has no key to be told apart by gets the default, so only with the same one is it the same for everybody.
  return whole && whole.variant === flag.defaultVariant
    ? { gives: "one", variant: whole.variant }
    : { gives: "split", shares };
}

/** What a flag gives, as words for people. */
export function servingText(flag: FlagDefinition): string {
  const serving = servingOf(flag);
  switch (serving.gives) {
    case "code-default":
      return flag.state === "DISABLED" ? "off: the default in the code" : "the default in the code";
    case "one":
      return `${serving.variant} to everybody`;
    case "split":
      return serving.shares.map(({ variant, percent }) => `${variant} to ${percent} %`).join(", ");
    case "by-rule":
      return "by its rule";
  }
}

/** A split that is the whole rule and whose weights are numbers; null for any other rule. */
function sharesOf(rule: FlagValue): readonly VariantShare[] | null {
  if (!isSplit(rule)) return null;
  const buckets = bucketsOf(rule.fractional).map((bucket): readonly [string, number] | null => {
    if (!Array.isArray(bucket)) return null;
    const [variant, weight = 1]: readonly unknown[] = bucket;
    return typeof variant === "string" && typeof weight === "number" ? [variant, weight] : null;
  });
  if (!buckets.every((bucket) => bucket !== null)) return null;
  const sum = buckets.reduce((total, [, weight]) => total + weight, 0);
  return sum === 0
    ? null
    : buckets.map(([variant, weight]) => ({ variant, percent: Math.round((weight / sum) * 10_000) / 100 }));
}

/** Who gets what, and which place in the rule holds the split. */
export interface RolloutEdit {
  /** Given to that part of everybody. */
  readonly variant: string;
  readonly percent: Percent;
}

/** Why a rollout could not be written into a flag, as a sentence, or the flag with it. */
export type RolloutResult =
  | { readonly possible: true; readonly flag: FlagDefinition }
  | { readonly possible: false; readonly reason: string };

const no = (reason: string): RolloutResult => ({ possible: false, reason });

/** The variant that a rollout is about when none is named: the one called `on`, or the one that is `true`. */
export function rolledOutVariant({ variants }: FlagDefinition): string | null {
  if (Object.hasOwn(variants, "on")) return "on";
  const [truthful, ...others] = Object.keys(variants).filter((name) => variants[name] === true);
  return truthful !== undefined && others.length === 0 ? truthful : null;
}

/**
 * Gives one variant to a part of everybody and the other to the rest, and turns the flag on. Whoever has the variant at
 * 10 % has it at 20 % too: people are told apart by a hash of the flag's key and theirs, and the variant comes first. A
 * rule of another kind is kept, and the split is written where it has one, or where it answers with nothing.
 */
export function withRollout(flag: FlagDefinition, { variant, percent }: RolloutEdit): RolloutResult {
  const names = Object.keys(flag.variants);
  if (!names.includes(variant)) return no(`it has no variant ${shown(variant)}; it has: ${names.join(", ")}`);
  if (!(percent >= 0 && percent <= 100) || !Number.isInteger(Number((percent * 100).toFixed(6))))
    return no(`${percent} is no percentage from 0 to 100 with at most two digits after the point`);
  const rest = restOf(flag, variant, names);
  if (rest === null)
    return no(`it has more than two variants and its default is ${variant} itself: name the rest by a rule`);
  const split = { fractional: weights(variant, rest, percent) };
  const rule = flag.targeting;
  if (!isObject(rule) || Object.keys(rule).length === 0 || isSplit(rule)) {
    const by = isSplit(rule) && !Array.isArray(rule.fractional[0]) ? [rule.fractional[0] ?? null] : [];
    return {
      possible: true,
      flag: {
        ...flag,
        state: "ENABLED",
        // Of those without a key to be told apart by.
        defaultVariant: percent === 100 ? variant : rest,
        targeting: { fractional: [...by, ...split.fractional] },
      },
    };
  }
  const edited = inRule(rule, split);
  return edited === null
    ? no("its rule has no place for a split: set the whole flag instead")
    : { possible: true, flag: { ...flag, state: "ENABLED", targeting: edited } };
}

/** The other of two; of more, the one that everybody else gets already. */
function restOf(flag: FlagDefinition, variant: string, names: readonly string[]): string | null {
  const others = names.filter((name) => name !== variant);
  if (others.length === 1) return others[0] ?? null;
  const { defaultVariant } = flag;
  return typeof defaultVariant === "string" && others.includes(defaultVariant) ? defaultVariant : null;
}

function weights(variant: string, rest: string, percent: Percent): readonly FlagValue[] {
  const scale = Number.isInteger(percent) ? 1 : 100;
  const weight = Math.round(percent * scale);
  return [
    [variant, weight],
    [rest, 100 * scale - weight],
  ];
}

/** The rule with the split in its last answer, when that is one already or not there; null where it is anything else. */
function inRule(rule: Readonly<Record<string, FlagValue>>, split: FlagValue): FlagValue | null {
  const branches = rule["if"];
  if (Object.keys(rule).length !== 1 || !isList(branches) || branches.length < 2) return null;
  if (branches.length % 2 === 0) return { if: [...branches, split] };
  const last = branches.at(-1) ?? null;
  return last === null || isSplit(last) ? { if: [...branches.slice(0, -1), split] } : null;
}

const isSplit = (rule: FlagValue | undefined): rule is { readonly fractional: readonly FlagValue[] } =>
  isObject(rule) && Object.keys(rule).length === 1 && Array.isArray(rule["fractional"]);

const isList = (value: FlagValue | undefined): value is readonly FlagValue[] => Array.isArray(value);

/** The flag turned on or off; nothing else of it changes. */
export const switched = (flag: FlagDefinition, on: boolean): FlagDefinition => ({
  ...flag,
  state: on ? "ENABLED" : "DISABLED",
});
