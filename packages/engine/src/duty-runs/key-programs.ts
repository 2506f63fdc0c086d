import type { Argv, Millis, Repository } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Attempt } from "../runs/stage.ts";
import type { CommandAnswer, CommandParts } from "../stages/step-command.ts";
import { runWithinStep } from "../stages/step-command.ts";
import { checkedOut } from "./duty-step-stage.ts";

/** What programs about keys are run with. */
export type KeyProgramParts = CommandParts & { readonly repository: Pick<Repository, "checkout"> };

/** Programs of the repository that are told a key as FAIRWAY_KEY. */
export interface KeyPrograms {
  /** Runs one in a step; what it writes is logged, or taken where somebody takes it. */
  run(step: string, argv: Argv, key: string | null, taken?: string[]): Promise<CommandAnswer>;
  /**
   * Whether a key works, by a program that ends with 0 where it does and with 1 where it is refused. Throws `command_failed`
   * for any other end.
   */
  accepts(step: string, argv: Argv, key: string): Promise<boolean>;
}

/** Checks the commit out and gives what runs its programs there. */
export async function keyPrograms(
  parts: KeyProgramParts,
  attempt: Attempt,
  about: {
    readonly environment: string;
    readonly sha: string;
    /** Names of secrets, by the variables that each of them is told. */
    readonly secrets: Readonly<Record<string, string>>;
    readonly timeout: Millis;
  },
): Promise<KeyPrograms> {
  const directory = await checkedOut(parts, attempt, about.sha);
  const env = {
    ...Object.fromEntries(Object.entries(about.secrets).map(([variable, secret]) => [variable, { secret }])),
    FAIRWAY_ENVIRONMENT: about.environment,
    FAIRWAY_ROTATION: attempt.run,
  };
  const run: KeyPrograms["run"] = (step, argv, key, taken) =>
    runWithinStep(
      // A key that is not in the store under this name any more is told like one that is.
      { ...parts, secrets: key === null ? parts.secrets : withKey(parts.secrets, key) },
      attempt,
      step,
      {
        command: { argv, directory: ".", timeout: about.timeout, env: {} },
        ...{ directory, env: key === null ? env : { ...env, FAIRWAY_KEY: { secret: keyName } } },
        ...{ secretsOf: about.environment, caches: "none", ...(taken === undefined ? {} : { taken }) },
      },
    );
  return {
    run,
    async accepts(step, argv, key) {
      const answer = await run(step, argv, key);
      if (answer.well) return true;
      if (answer.code === 1) return false;
      throw new FairwayError("command_failed", `whether the key works could not be found out: ${answer.reason}`);
    },
  };
}

const keyName = "fairway:key";

/** The same secrets and one more, which no name in a file can be. */
const withKey = (secrets: CommandParts["secrets"], key: string): CommandParts["secrets"] => ({
  lookUp: async (environment, names) => ({
    ...(await secrets.lookUp(
      environment,
      names.filter((name) => name !== keyName),
    )),
    ...(names.includes(keyName) ? { [keyName]: key } : {}),
  }),
});
