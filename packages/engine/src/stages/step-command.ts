import type { Argv, Command, Millis, RunId, SecretSource, Value } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { OutputFilter } from "../commands/output-filter.ts";
import type { CommandControl, CommandOutcome } from "../commands/run-command.ts";
import { runCommand } from "../commands/run-command.ts";
import type { OutputLimits } from "../commands/shown-output.ts";
import type { DataDirectory } from "../data-directory.ts";
import { mustLetGo } from "../runs/attempt.ts";
import type { Attempt } from "../runs/stage.ts";
import type { OutputScan } from "../scanning/output-scan.ts";

/** What the commands of a stage need from outside. */
export interface CommandParts {
  readonly data: DataDirectory;
  readonly secrets: SecretSource;
  /** What tools find their caches by, and which of it nobody may read; undefined while there are none. */
  readonly toolCaches?: ((about: { readonly run: RunId; readonly job: string }) => Promise<ToolCaches>) | undefined;
  /** Looks for keys in what commands write before it is kept; nobody does where it is absent. */
  readonly outputScan?: Pick<OutputScan, "filterFor"> | undefined;
}

/** Variables for Turborepo and Nx. */
export interface ToolCaches {
  readonly env: Readonly<Record<string, string>>;
  readonly masks: readonly string[];
}

/** A command with where it runs and what it is told. */
export interface StepCommand {
  readonly command: Command;
  /** Absolute. */
  readonly directory: string;
  /** Told besides the command's own variables, which win. */
  readonly env: Readonly<Record<string, Value>>;
  /** Whose secrets the variables name. */
  readonly secretsOf: string;
  /** It gets none of the caches that others share; absent where it may. */
  readonly caches?: "none" | undefined;
  /** A deployment waits for it: it has the processor like everybody else; absent where it comes after the services. */
  readonly waitedFor?: boolean | undefined;
  /** What it is called before people, where more is run than they wrote. */
  readonly shownAs?: Argv | undefined;
  /**
   * How long it may take to end when it is told to, and how much of what it writes is kept; as for every step when left out.
   */
  readonly bounds?: { readonly grace: Millis; readonly limits: OutputLimits } | undefined;
  /** Holds what it has written once it has ended, and no log does. */
  readonly taken?: string[] | undefined;
}

/** A command's answer: it ran and ended well, or it did not and this is what it said. */
export type CommandAnswer =
  | { readonly well: true }
  /** The exit code is absent when it did not end by itself, and in answers from before it was kept. */
  | { readonly well: false; readonly reason: string; readonly code?: number };

/** How long a command that was told to stop may take before it is made to. */
const grace = 10_000;

/**
 * Runs a command as one recorded step. After a crash the command that was started is found again, alive or ended; it
 * is never started twice.
 */
export async function runStepCommand(
  parts: CommandParts,
  attempt: Attempt,
  step: string,
  command: StepCommand,
): Promise<CommandAnswer> {
  attempt.progress((command.shownAs ?? command.command.argv).join(" "));
  return attempt.step(step, () => runWithinStep(parts, attempt, step, command));
}

/** The same as a part of a step that does more. */
export async function runWithinStep(
  parts: CommandParts,
  attempt: Attempt,
  step: string,
  { command, directory, env, secretsOf, caches: shared, waitedFor, shownAs = command.argv, bounds, taken }: StepCommand,
): Promise<CommandAnswer> {
  const given = { ...env, ...command.env };
  const secrets = await valuesOf(parts.secrets, secretsOf, given);
  const scanned = await parts.outputScan?.filterFor({ shown: shownAs[0], told: Object.values(secrets) });
  const filter = taken === undefined ? scanned : () => givenTo(taken);
  const caches = shared === "none" ? undefined : await parts.toolCaches?.({ run: attempt.run, job: attempt.job });
  const outcome = await runCommand(
    {
      directory: parts.data.step(attempt.id, step),
      argv: command.argv,
      cwd: directory,
      env: {
        CI: "true",
        ...withoutOwn(caches?.env ?? {}, Object.keys(given).join(" ")),
        ...plain(given),
        ...secrets,
      },
      secrets: [...Object.values(secrets), ...(caches?.masks ?? [])],
      timeout: command.timeout,
      ...(bounds ?? { grace }),
      ...(waitedFor === true ? { waitedFor } : {}),
    },
    { ...endOrLetGo(attempt.signal), ...(filter === undefined ? {} : { filter }) },
  );
  return answerOf({ ...command, argv: shownAs }, outcome);
}

/** From its first line each time that a log is begun. */
function givenTo(taken: string[]): OutputFilter {
  taken.length = 0;
  return {
    wants: "all",
    tooLong: "withhold",
    lines: async (batch) => {
      taken.push(...batch);
      return { lines: [], masks: [], wants: "all" };
    },
  };
}

/**
 * Variables without those of a tool whose own are named in some text: half of one's cache and half of ours would be neither.
 */
export const withoutOwn = (env: Readonly<Record<string, string>>, text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !text.includes(`${name.split("_")[0]}_`)));

/** A person who stops the run ends the command; a daemon that leaves lets go of it, and the next one finds it again. */
export function endOrLetGo(signal: AbortSignal): CommandControl {
  const end = new AbortController();
  const letGo = new AbortController();
  const tell = (): void => (mustLetGo(signal) ? letGo : end).abort(signal.reason);
  if (signal.aborted) tell();
  else signal.addEventListener("abort", tell, { once: true });
  return { signal: end.signal, detach: letGo.signal };
}

/** The values that are not secret. */
const plain = (env: Readonly<Record<string, Value>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string"));

/** The values of the secrets that are asked for, by variable. Throws `secret_missing` with every name that has none. */
export async function valuesOf(
  source: SecretSource,
  environment: string,
  env: Readonly<Record<string, Value>>,
): Promise<Readonly<Record<string, string>>> {
  const asked = Object.entries(env).filter(
    (entry): entry is [string, { secret: string }] => typeof entry[1] === "object",
  );
  if (asked.length === 0) return {};
  const found = await source.lookUp(
    environment,
    asked.map(([, { secret }]) => secret),
  );
  const missing = asked.map(([, { secret }]) => secret).filter((name) => found[name] === undefined);
  if (missing.length > 0)
    throw new FairwayError("secret_missing", `${environment} has no value for ${missing.join(", ")}`, {
      hint: `give ${missing.length === 1 ? "it" : "each"} a value: fairway secrets set ${missing[0] ?? "NAME"} --env ${environment}`,
    });
  return Object.fromEntries(asked.map(([variable, { secret }]) => [variable, found[secret] ?? ""]));
}

function answerOf(command: Command, outcome: CommandOutcome): CommandAnswer {
  const what = command.argv.join(" ");
  switch (outcome.ended) {
    case "exited":
      return outcome.code === 0
        ? { well: true }
        : {
            well: false,
            reason: withTail(`${what} ended with exit code ${outcome.code}`, outcome.tail),
            code: outcome.code,
          };
    case "signalled":
      return { well: false, reason: withTail(`${what} was ended by ${outcome.signal}`, outcome.tail) };
    case "timed-out":
      return { well: false, reason: withTail(`${what} took longer than ${command.timeout / 1000} s`, outcome.tail) };
    case "stopped":
      throw new FairwayError("not_allowed_now", `${what} was stopped because its run is being stopped`);
  }
}

const withTail = (reason: string, tail: readonly string[]): string =>
  [reason, ...tail.map((line) => `  ${line}`)].join("\n");
