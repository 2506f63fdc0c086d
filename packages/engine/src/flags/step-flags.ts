import type { FlagSet, Percent, Progress, Rollout, RunId, StepFlags } from "@fairway/core";
import { FairwayError, flagOf, flagsAt, rolledOutVariant, withFlag, withRollout, withoutFlag } from "@fairway/core";
import { changesOfFlags } from "../store/flags.ts";
import type { Transaction } from "../store/store.ts";
import type { FlagControl } from "./flag-control.ts";

/** Flags that the steps of a rollout set, and that are put back when it is undone. */
export interface FlagSteps {
  /**
   * Gives flags to a part of everybody, for a run that holds the environment. A flag that somebody else has changed since
   * the run first did is left alone: a kill switch is not undone by the next step. May be repeated.
   */
  apply(run: RunId, environment: string, weight: Percent, wanted: StepFlags): Promise<void>;
  /** Puts back what the run changed and nobody else has changed since. May be repeated. */
  putBack(run: RunId, environment: string): Promise<void>;
}

/** The steps' flags, in the built-in store. Throws `fenced` when the environment is another run's by now. */
export function flagSteps(flags: Promise<FlagControl>): FlagSteps {
  const edit = async (
    run: RunId,
    environment: string,
    action: "rollout" | "change",
    reason: string,
    change: (set: FlagSet, tx: Transaction) => Promise<FlagSet>,
  ): Promise<void> => {
    const held = async (set: FlagSet, tx: Transaction): Promise<FlagSet> => {
      await assertHolds(tx, run, environment);
      return change(set, tx);
    };
    await (await flags).edit([{ environment, action, by: run, reason, change: held }]);
  };
  return {
    async apply(run, environment, weight, wanted) {
      if (Object.keys(wanted).length === 0) return;
      await edit(run, environment, "rollout", `the new release has ${weight} % of the traffic`, async (set, tx) => {
        const changes = await changesOfFlags(tx, environment, Object.keys(wanted));
        return Object.entries(wanted).reduce((edited, [key, percent]) => {
          const mine = changes.filter((change) => change.key === key);
          const isOthers = mine.some(({ by }) => by === run) && mine.at(-1)?.by !== run;
          return isOthers ? edited : rolledOut(edited, environment, key, percent);
        }, set);
      });
    },
    async putBack(run, environment) {
      const control = await flags;
      if (!(await control.wasEditedBy(environment, run))) return;
      await edit(run, environment, "change", "the deployment was undone", async (set, tx) => {
        const changes = await changesOfFlags(tx, environment, null);
        const keys = new Set(changes.filter(({ by }) => by === run).map(({ key }) => key));
        return [...keys].reduce((edited, key) => {
          const of = changes.filter((change) => change.key === key);
          if (of.at(-1)?.by !== run) return edited;
          const before = of.find(({ by }) => by === run)?.before ?? null;
          return before === null ? withoutFlag(edited, key) : withFlag(edited, key, before);
        }, set);
      });
    },
  };
}

async function assertHolds(tx: Transaction, run: RunId, environment: string): Promise<void> {
  const [held] = await tx.rows(
    "select 1 from fairway.environment_locks where environment = $1 and holder_run = $2 for share",
    [environment, run],
  );
  if (held === undefined)
    throw new FairwayError("fenced", `${run} does not hold ${environment} any more; its flags stay as they are`);
}

function rolledOut(set: FlagSet, environment: string, key: string, percent: Percent): FlagSet {
  const flag = flagOf(set, key);
  if (flag === undefined)
    throw new FairwayError(
      "not_found",
      `a step gives the flag "${key}" to ${percent} %, and ${environment} has no such flag`,
      {
        hint: `make it: fairway flags set ${environment} ${key}`,
      },
    );
  const variant = rolledOutVariant(flag);
  const result =
    variant === null
      ? { possible: false as const, reason: "it has no variant called on, and not just one that is true" }
      : withRollout(flag, { variant, percent });
  if (!result.possible)
    throw new FairwayError(
      "not_allowed_now",
      `a step gives the flag "${key}" to ${percent} %, which cannot be: ${result.reason}`,
    );
  return withFlag(set, key, result.flag);
}

/** Moves a rollout as before, and sets the flags of a step once the new release has its share. */
export function movesWithFlags(
  move: () => Promise<Progress>,
  { strategy, environment }: Pick<Rollout, "strategy" | "environment">,
  run: RunId,
  steps: FlagSteps,
): () => Promise<Progress> {
  let applied: Percent | undefined;
  return async () => {
    const progress = await move();
    if (progress.phase !== "moving" || progress.weight === undefined || progress.weight === applied) return progress;
    // After a crash once more, which changes nothing.
    await steps.apply(run, environment, progress.weight, flagsAt(strategy, progress.weight));
    applied = progress.weight;
    return progress;
  };
}
