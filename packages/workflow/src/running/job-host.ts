import type { JobContainers, Millis } from "@fairway/core";

/**
 * What a running job asks of whoever hosts it. The engine hosts durably, a test in memory, and `remote-job.ts` carries the
 * port to a child process of another user. So everything here is JSON or can be carried by messages: calls, a signal, a
 * filter that answers. The host never touches the files of the job; the job does, as the user it runs as. The host starts
 * its commands, because only the host may become another user and outlive the job's process.
 *
 * The job calls again what it called before when it is started again after a crash, in the same order and with the same
 * keys: records make it skip what was done.
 */
export interface JobHost {
  /**
   * Does something once and records its result, which is plain JSON; after a crash it returns the record without doing it.
   * Never nested and never two at a time. Without a record the work runs again, and finds its commands by their keys.
   */
  step<T>(key: string, work: () => Promise<T>): Promise<T>;

  /**
   * Runs one command to its end in a process group of its own, with an empty stdin, no terminal and no environment but the
   * one given. Called again with the same key it returns the end on record, or waits for the process that is there: it
   * never starts a second. Nothing of the command runs any more when it returns.
   *
   * Throws `command_failed`; retryable when a process was started whose outcome cannot be known any more.
   */
  command(command: HostCommand): Promise<HostCommandEnd>;

  /**
   * Appends whole lines to the log of a step, masked by the host. After a crash the same lines come again, once each is kept.
   */
  log(step: string, lines: readonly string[]): void;

  /** From now on the value, and each of its lines, is unreadable in every log of the job, in every encoding. */
  addMask(value: string): void;

  /** Shows a notice, a warning or an error; the same `id` twice is the same annotation. */
  annotate(annotation: Annotation): void;

  /**
   * Keeps what a step wrote for people, as Markdown, masked by the host. The same place again replaces it: a step, or one
   * inside a composite action (`3/1`).
   */
  summary(place: string, markdown: string): Promise<void>;

  /** What a step is doing, for whoever watches; nothing depends on it. */
  progress?(step: StepProgress): void;

  /** A token that says who this job is, signed by Fairway; throws `not_allowed_now` without `permissions: id-token: write`. */
  identityToken(audience: string): Promise<string>;

  /**
   * Prepares the files of a repository for `git fetch` by the job's user: a path, a bundle or a URL. Without a name it is the
   * job's own repository. Throws `revision_not_found`, or `checkout_failed` when it cannot be reached.
   */
  repository(wanted: WantedRepository): Promise<RepositorySource>;

  /**
   * Puts the files of an action of another repository, at its locked commit, where the job's user can read them. Throws
   * `not_allowed_now` when the lock does not have it or its tag has moved, `checkout_failed` when it cannot be reached.
   */
  action(wanted: WantedAction): Promise<ActionFiles>;

  /**
   * Containers for the job; absent where no engine is configured, and then a job that wants one is refused before it begins.
   */
  readonly containers?: JobContainers | undefined;

  /**
   * Aborted when the job is cancelled. Steps whose `if` holds for a cancelled job still run; `command.signal` ends processes.
   */
  readonly signal: AbortSignal;

  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly folders: JobFolders;
  /** When the job first started, in milliseconds of the epoch; the same after a crash. */
  readonly startedAt: Millis;
}

/** One process tree of a step. */
export interface HostCommand {
  /** Names this very start within the job. */
  readonly key: string;
  /** The step whose log it writes into. */
  readonly step: string;
  readonly argv: readonly [string, ...string[]];
  /** Absolute. */
  readonly cwd: string;
  /**
   * All of it; PATH is in here, and `argv[0]` is looked for along it. A name may be anything without `=` and NUL, and must
   * arrive: an action's input `fetch-depth` is `INPUT_FETCH-DEPTH`, which a shell in between would drop.
   */
  readonly env: Readonly<Record<string, string>>;
  /** Counted from the start of the process; then it is ended by the ladder and the end says `timed-out`. */
  readonly timeout?: Millis | undefined;
  /** Aborted to end the command by the ladder; the end then says `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Sees the output before it is logged; without it every line is logged as it is. */
  readonly output?: OutputFilter | undefined;
  /** Writes nothing to the log; what it wrote comes back in `HostCommandEnd.output`, at most 1 MiB. */
  readonly quiet?: boolean;
}

export type HostCommandEnd = (
  | { readonly ended: "exited"; readonly code: number }
  | { readonly ended: "killed"; readonly signal: string }
  | { readonly ended: "cancelled" }
  | { readonly ended: "timed-out" }
) & { readonly output?: string };

/** How a command is ended, to the whole process group: a signal, and how long it gets before the next. */
export interface CancelRung {
  readonly signal: "SIGINT" | "SIGTERM" | "SIGKILL";
  readonly wait: Millis;
}

/** The official runner's order and times (ProcessInvoker). */
export const cancelLadder: readonly CancelRung[] = [
  { signal: "SIGINT", wait: 7_500 },
  { signal: "SIGTERM", wait: 2_500 },
  { signal: "SIGKILL", wait: 0 },
];

/**
 * Sees the output of a command, stdout and stderr together, before it is logged. The host gives it batches of whole lines,
 * the next only when the last was answered. When the host finds a command again after a crash it begins with the first
 * line, so that the filter comes to the same state; lines that were logged are not logged again.
 */
export interface OutputFilter {
  /**
   * Whether a batch must be shown at all. Most output need not be: `marked` wants only batches in which a line contains
   * `::` or `##[`, and the host may log the others untouched, as bytes.
   */
  readonly wants: OutputWish;
  readonly lines: (batch: readonly string[]) => Promise<FilteredOutput>;
}

export type OutputWish = "all" | "marked";

export interface FilteredOutput {
  /** What is logged in place of the batch. */
  readonly lines: readonly string[];
  /** Masked in these lines already. */
  readonly masks: readonly string[];
  readonly annotations: readonly Annotation[];
  /** What the filter wants from the next batch on. */
  readonly wants: OutputWish;
}

/** Something a step says about the job or about a line of a file. */
export interface Annotation {
  /** The step and an ordinal: the same again after a crash. */
  readonly id: string;
  readonly step: string;
  readonly level: "notice" | "warning" | "error";
  readonly message: string;
  readonly title?: string;
  /** Relative to the workspace where it is below it. */
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
  readonly column?: number;
  readonly endColumn?: number;
}

export interface StepProgress {
  readonly step: string;
  readonly name: string;
  readonly state: "running" | StepConclusion;
}

export type StepConclusion = "success" | "failure" | "cancelled" | "skipped";

export interface WantedRepository {
  /** `owner/name`; absent for the job's own. */
  readonly name?: string;
  /** A branch, a tag or a sha; absent for the commit of the run. */
  readonly ref?: string;
}

export interface RepositorySource {
  /** What `git fetch` takes, readable by the job's user. */
  readonly from: string;
  /** What to fetch from there. */
  readonly fetch: string;
  /** The commit that it must turn out to be; empty when the host does not know. */
  readonly sha: string;
  /** The branch to be on, or nothing for a detached head. */
  readonly branch?: string;
}

export interface WantedAction {
  /** `owner/name`. */
  readonly repository: string;
  readonly ref: string;
}

export interface ActionFiles {
  /** Absolute: the root of the action's repository. */
  readonly folder: string;
  readonly sha: string;
}

/** Absolute paths; they exist, and belong to the user that the job runs as. */
export interface JobFolders {
  readonly workspace: string;
  /** RUNNER_TEMP: emptied before each job. */
  readonly temp: string;
  readonly toolCache: string;
  readonly home: string;
}
