import type { Argv, Millis } from "@fairway/core";
import type { Grace } from "./end-processes.ts";
import type { OutputFilter } from "./output-filter.ts";
import type { CommandUser } from "./run-as.ts";
import type { OutputLimits } from "./shown-output.ts";

/** A command that is to run once. */
export interface CommandSpec {
  /**
   * This command's own place, absolute: its log for people, and a folder with the mode 0700 for what only Fairway reads.
   * It names this very start: in the same directory a second process is never started.
   */
  readonly directory: string;
  readonly argv: Argv;
  readonly cwd: string;
  /** Comes on top of PATH, HOME, LANG, TMPDIR, proxies and trust; nothing else of the daemon's environment is passed on. */
  readonly env: Readonly<Record<string, string>>;
  /** Values that must not be readable in the log, in whatever spelling. */
  readonly secrets: readonly string[];
  readonly timeout: Millis;
  /** What the processes get before SIGKILL. */
  readonly grace: Grace;
  readonly limits?: OutputLimits;
  /** `stays`: what it started in the background runs on after it has ended well or badly, until its directory is swept. */
  readonly background?: "ends" | "stays";
  /** A deployment waits for it: it has the processor like everybody else, and not after the services. */
  readonly waitedFor?: boolean;
  /** Whom it runs as, instead of whoever the daemon is; only root may say so. */
  readonly user?: CommandUser | undefined;
  /** Names of variables may be any that a process can have, `INPUT_NODE-VERSION`, though no shell could assign them. */
  readonly anyNames?: boolean;
  /** The caller has written down durably that the command may run, and does not ask for it again on another boot. */
  readonly remembered?: boolean;
}

/** Copies what a command wrote to where it is kept; begins at the first byte each time it is opened. */
export interface OutputCopy {
  /** Copies what came since; true when there was something. */
  pump(): Promise<boolean>;
  /** Adds a line of ours, for when the rest may not be shown. */
  withhold(why: string): Promise<void>;
  /** Copies the rest; nothing more will come. */
  finish(): Promise<void>;
  /** Leaves what was copied as it is; nothing more will come. */
  seal(): Promise<void>;
  close(): Promise<void>;
}

export interface CommandControl {
  /** Ends the command; the outcome is then `stopped`. */
  readonly signal?: AbortSignal | undefined;
  /** Lets go of the command without ending it, because the daemon leaves; the call throws the reason. */
  readonly detach?: AbortSignal | undefined;
  /** Makes the filter that sees the output before it is logged; asked again when the log is made again from its first byte. */
  readonly filter?: (() => OutputFilter) | undefined;
  /**
   * Takes the output, instead of the command's own log, from the file where it is; undefined when that is gone. Called also
   * for a command that has ended before, so the file must stay until nobody will ask again. The outcome has no tail then.
   */
  readonly copy?: ((raw: string) => Promise<OutputCopy | undefined>) | undefined;
}
