import type { FlagChangeShape, FlagShape } from "@fairway/api";
import type { Flag, FlagChange, FlagDefinition, FlagSet, FlagValue, Project } from "@fairway/core";
import {
  FairwayError,
  booleanFlag,
  flagOf,
  rolledOutVariant,
  servingText,
  switched,
  withFlag,
  withRollout,
  withoutFlag,
} from "@fairway/core";
import type { FlagControl, FlagEdit, FlagEdited } from "@fairway/engine";
import { assertFlagSet } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

export interface FlagHandlerParts {
  readonly flags: FlagControl;
  /** The configuration that says what environments there are. */
  readonly project: () => Promise<Project>;
  readonly url: () => string;
}

type FlagOperations =
  | "flags"
  | "flag"
  | "setFlag"
  | "switchFlag"
  | "rollOutFlag"
  | "killFlag"
  | "removeFlag"
  | "flagHistory"
  | "staleFlags"
  | "exportFlags"
  | "importFlags"
  | "flagKey";

/** Where a list of flags goes on behind one of them, also where that was removed meanwhile. */
function placeBehind(flags: readonly FlagShape[], after: string): number {
  const slash = after.indexOf("/");
  const [environment, key] = [after.slice(0, slash), after.slice(slash + 1)];
  const exact = flags.findIndex((flag) => flag.environment === environment && flag.key === key);
  if (exact >= 0) return exact + 1;
  const own = flags.findLastIndex((flag) => flag.environment === environment && flag.key <= key);
  return own >= 0
    ? own + 1
    : Math.max(
        0,
        flags.findIndex((flag) => flag.environment === environment),
      );
}

/** What is asked of the built-in feature flags. */
export function flagHandlers(parts: FlagHandlerParts): Pick<Handlers, FlagOperations> {
  const { flags } = parts;
  const environmentNames = async (): Promise<readonly string[]> =>
    (await parts.project()).environments.map(({ name }) => name);
  const assertEnvironment = async (environment: string): Promise<void> => {
    const names = await environmentNames();
    if (!names.includes(environment))
      throw new FairwayError("not_found", `there is no environment "${environment}"`, {
        hint: names.length > 0 ? `there are ${names.join(", ")}` : undefined,
      });
  };

  /** One edit of one flag, and the flag as it is then. */
  async function editOne(
    { environment, flag: key, version, by, reason }: OneFlag,
    action: FlagEdit["action"],
    change: (had: FlagDefinition | undefined) => FlagDefinition,
  ): Promise<FlagShape> {
    await assertEnvironment(environment);
    const [done] = await flags.edit([
      {
        environment,
        action,
        by,
        reason,
        change: (set) => withFlag(set, key, change(flagOf(set, key))),
        ...(version === undefined ? {} : { expected: { key, version } }),
      },
    ]);
    return editedFlag(environment, key, done);
  }

  /** The environments a question is about: the one that is named, or all. */
  const asked = async (environment: string | undefined): Promise<readonly string[]> => {
    if (environment === undefined) return environmentNames();
    await assertEnvironment(environment);
    return [environment];
  };

  return {
    flags: async ({ environment, text, after, limit }) => {
      const all = await Promise.all(
        (await asked(environment)).map(async (name) =>
          (await flags.stored(name)).flags.map((flag) => flagView(name, flag)),
        ),
      );
      const wanted = text?.toLowerCase();
      const found = all.flat().filter(({ key }) => wanted === undefined || key.toLowerCase().includes(wanted));
      const first = after === undefined ? 0 : placeBehind(found, after);
      return found.slice(first, limit === undefined ? undefined : first + limit);
    },
    flag: async ({ environment, flag: key }) => {
      await assertEnvironment(environment);
      const found = (await flags.stored(environment)).flags.find((flag) => flag.key === key);
      if (found === undefined) throw noFlag(key, environment);
      return flagView(environment, found);
    },
    setFlag: async ({ definition, ...one }) =>
      editOne(one, "change", (had) =>
        definition === undefined ? (had ?? booleanFlag) : (definition as FlagDefinition),
      ),
    switchFlag: async ({ on, ...one }) =>
      editOne(one, on ? "on" : "off", (had) => switched(had ?? refuse(noFlag(one.flag, one.environment)), on)),
    rollOutFlag: async ({ percent, variant, ...one }) =>
      editOne(one, "rollout", (had) =>
        rolledOut(had ?? refuse(noFlag(one.flag, one.environment)), one.flag, percent, variant),
      ),
    killFlag: async ({ flag: key, environment, by, reason }) => {
      const names = await asked(environment ?? undefined);
      const having = (
        await Promise.all(names.map(async (name) => (flagOf((await flags.stored(name)).set, key) ? [name] : [])))
      ).flat();
      if (having.length === 0) throw noFlag(key, environment ?? "any environment");
      const edits = having.map((name): FlagEdit => ({
        environment: name,
        action: "kill",
        by,
        reason,
        change: (set) => {
          const had = flagOf(set, key);
          return had === undefined ? set : withFlag(set, key, switched(had, false));
        },
      }));
      const done = await flags.edit(edits);
      return done.map((one) => editedFlag(one.environment, key, one));
    },
    removeFlag: async ({ environment, flag: key, version, by, reason }) => {
      await assertEnvironment(environment);
      const [done] = await flags.edit([
        {
          environment,
          action: "remove",
          by,
          reason,
          change: (set) => (flagOf(set, key) === undefined ? refuse(noFlag(key, environment)) : withoutFlag(set, key)),
          ...(version === undefined ? {} : { expected: { key, version } }),
        },
      ]);
      return { environment, key, version: done?.version ?? 0 };
    },
    flagHistory: async ({ environment, flag, limit }) => {
      await assertEnvironment(environment);
      return (await flags.history(environment, { key: flag ?? null, limit })).map(changeView);
    },
    staleFlags: async ({ environment, days }) =>
      (await Promise.all((await asked(environment)).map((name) => flags.stale(name, days, Date.now())))).flat(),
    exportFlags: async ({ environment }) => {
      await assertEnvironment(environment);
      return asShape((await flags.stored(environment)).set);
    },
    importFlags: async ({ environment, set, replace, by, reason }) => {
      await assertEnvironment(environment);
      const given = await assertFlagSet(set, environment);
      const [done] = await flags.edit([
        { environment, action: "import", by, reason, change: (had) => (replace ? given : merged(had, given)) },
      ]);
      return {
        environment,
        version: done?.version ?? 0,
        changes: (done?.diffs ?? []).map(({ key, change, from, to }) => ({
          key,
          change,
          gave: words(from),
          gives: words(to),
        })),
      };
    },
    flagKey: async ({ environment, kind, replace, origins }) => {
      await assertEnvironment(environment);
      const access = await flags.changeAccess(environment, { replace: replace ? kind : null, origins });
      return {
        environment,
        kind,
        key: await flags.keyOf(environment, kind),
        url: parts.url(),
        origins: [...access.origins],
      };
    },
  };
}

interface OneFlag {
  readonly environment: string;
  readonly flag: string;
  readonly version?: number | undefined;
  readonly by: string;
  readonly reason: string | null;
}

const noFlag = (key: string, environment: string): FairwayError =>
  new FairwayError("not_found", `there is no flag "${key}" in ${environment}`, {
    hint: `see: fairway flags list; make it with: fairway flags set <environment> ${key}`,
  });

function refuse(error: FairwayError): never {
  throw error;
}

function rolledOut(had: FlagDefinition, key: string, percent: number, given: string | null): FlagDefinition {
  const variant = given ?? rolledOutVariant(had);
  const result =
    variant === null
      ? {
          possible: false as const,
          reason: `it has no variant "on" and not just one that is true: name one with --variant`,
        }
      : withRollout(had, { variant, percent });
  if (result.possible) return result.flag;
  throw new FairwayError("not_allowed_now", `${key} cannot be rolled out: ${result.reason}`);
}

/** What is given comes over what was there, and the rest of that stays. */
const merged = (had: FlagSet, given: FlagSet): FlagSet => ({
  ...had,
  ...given,
  flags: { ...had.flags, ...given.flags },
  ...(had.$evaluators || given.$evaluators ? { $evaluators: { ...had.$evaluators, ...given.$evaluators } } : {}),
});

function editedFlag(environment: string, key: string, done: FlagEdited | undefined): FlagShape {
  const found = done?.flags.find((flag) => flag.key === key);
  if (found === undefined) throw noFlag(key, environment);
  return flagView(environment, found);
}

const flagView = (environment: string, { key, version, changedAt, definition }: Flag): FlagShape => ({
  environment,
  key,
  version,
  changedAt,
  gives: servingText(definition),
  definition: asShape(definition),
});

const changeView = ({ before, after, ...rest }: FlagChange): FlagChangeShape => ({
  ...rest,
  before: before && asShape(before),
  after: after && asShape(after),
  gave: words(before),
  gives: words(after),
});

const words = (flag: FlagDefinition | null): string | null => flag && servingText(flag);

/** The shapes of the contract may be written to; what is stored may not. */
type Writable<Value> = Value extends FlagValue ? Value : { -readonly [Key in keyof Value]: Value[Key] };
const asShape = <Value extends object>(value: Value): Writable<Value> => ({ ...value }) as Writable<Value>;
