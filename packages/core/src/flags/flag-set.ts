import type { Timestamp } from "../units.ts";

/** A value as JSON holds it. */
export type FlagValue = null | boolean | number | string | readonly FlagValue[] | { readonly [key: string]: FlagValue };

/** What may be said of a flag, or of a whole set, beside what it gives. */
export type FlagMetadata = Readonly<Record<string, string | number | boolean>>;

/** One feature flag, as flagd writes it: https://flagd.dev/schema/v0/flags.json. */
export interface FlagDefinition {
  /** `DISABLED`: everybody gets the default that stands in the code which asks. */
  readonly state: "ENABLED" | "DISABLED";
  /** What it can give, by name; all of one type. */
  readonly variants: Readonly<Record<string, FlagValue>>;
  /** What it gives where no rule says otherwise; without one it is the default in the code. */
  readonly defaultVariant?: string | null;
  /** A rule in JsonLogic that answers with the name of a variant. */
  readonly targeting?: FlagValue;
  readonly metadata?: FlagMetadata;
}

/** The flags of one environment, as flagd writes them. */
export interface FlagSet {
  readonly flags: Readonly<Record<string, FlagDefinition>>;
  /** Rules that several flags share, by name; a flag takes one with `{ "$ref": "name" }`. */
  readonly $evaluators?: Readonly<Record<string, FlagValue>>;
  readonly metadata?: FlagMetadata;
}

/** A flag as it stands in an environment. */
export interface Flag {
  readonly key: string;
  readonly definition: FlagDefinition;
  /** The version of the environment's flags in which it was changed last. */
  readonly version: number;
  readonly changedAt: Timestamp;
}

/** What somebody did to a flag. `kill` is `off` in a hurry, and told apart for whoever looks back. */
export type FlagAction = "create" | "change" | "on" | "off" | "rollout" | "kill" | "remove" | "import";

/** One entry of the record of changes: written with the change itself, never altered. */
export interface FlagChange {
  readonly environment: string;
  readonly key: string;
  readonly version: number;
  readonly action: FlagAction;
  /** Null where it was not there. */
  readonly before: FlagDefinition | null;
  readonly after: FlagDefinition | null;
  readonly by: string;
  readonly reason: string | null;
  readonly at: Timestamp;
}

/** More than these a set cannot hold: the whole of it is read at each change, and sent to those who evaluate themselves. */
export const flagLimits = {
  flags: 2000,
  /** In characters of its JSON. */
  definition: 65_536,
  /** In characters of its JSON. */
  set: 786_432,
  /** Of lists and objects within each other. */
  depth: 64,
} as const;

/** The flag that is made when only a name is given: one that gives `true` to everybody once it is on. */
export const booleanFlag: FlagDefinition = {
  state: "DISABLED",
  variants: { on: true, off: false },
  defaultVariant: "on",
};

/** A flag of a set, or undefined; a name that every object has is no flag. */
export const flagOf = (set: FlagSet, key: string): FlagDefinition | undefined =>
  Object.hasOwn(set.flags, key) ? set.flags[key] : undefined;

/** The set with one flag put in place of whatever was there. */
export const withFlag = (set: FlagSet, key: string, definition: FlagDefinition): FlagSet => ({
  ...set,
  flags: { ...set.flags, [key]: definition },
});

/** The set without one flag. */
export const withoutFlag = (set: FlagSet, key: string): FlagSet => ({
  ...set,
  flags: Object.fromEntries(Object.entries(set.flags).filter(([name]) => name !== key)),
});
