/**
 * What a command does with its arguments, its options and the global ones; the number is the exit code. Which options
 * there are only its entry knows, so each action says itself what it takes.
 */
export type Action = (args: readonly string[], options: never) => Promise<number | void>;

/** A command as the program lists it. What it does is loaded when it is asked for, so that `--help` is quick. */
export interface Entry {
  readonly usage: string;
  /** A line in the list of commands: at most 47 columns, so that the list is quiet at 80. */
  readonly summary: string;
  /** What else there is to know, in its own help and in the reference. */
  readonly more?: string;
  readonly options?: readonly (readonly [flags: string, description: string, fallback?: string])[];
  readonly load: () => Promise<Action>;
  readonly below?: readonly Entry[];
}

/** Of every command that starts a run. */
export const follow = ["-d, --detach", "do not wait for it to end"] as const;
