import type { ApprovalTerms, AttemptId, FencingToken, RunId, Turn } from "@fairway/core";

/** What can be stored as JSON and comes back the same. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** How an attempt ended. A "no" is a value; that it could not be found out is a throw, and the job is *errored*. */
export type Outcome =
  | {
      readonly outcome: "succeeded";
      readonly result: Json;
      readonly summary?: string;
    }
  | {
      /** `aborted`: it was to stop; `errored`: it could not be found out, and `attention` says what a person can do. */
      readonly outcome: "failed" | "aborted" | "errored";
      readonly reason: string;
      readonly result?: Json;
      readonly attention?: Attention;
    };

/** Why a run needs a person, and what that person can do. */
export interface Attention {
  readonly why: string;
  readonly action: string;
  /** The job that was cut off, of which a person may also say that it was done: nobody else knows. */
  readonly interrupted?: string;
}

/** How a step is shown to people, where its name and that it was done do not tell. */
export interface StepShown<Result extends Json> {
  /** What people call it; null while nobody knows. Asked when it begins and when it has ended. */
  readonly title: () => string | null;
  /** How what it came to stands. */
  readonly standing: (result: Result) => {
    readonly state: "succeeded" | "failed" | "aborted";
    readonly message: string | null;
  };
}

/** What a stage gets to work with during one attempt of one job. */
export interface Attempt {
  readonly id: AttemptId;
  readonly run: RunId;
  readonly job: string;
  readonly input: Json;
  /** The results of the jobs that this one needs, by name, and of those that they need. */
  readonly results: ReadonlyMap<string, Json>;
  /** Fires when the attempt must stop: a person asked, the deadline passed, or this worker lost its lease. */
  readonly signal: AbortSignal;

  /**
   * Does something once. The result is recorded, and after a crash the recorded result is returned instead. Work that
   * ends but dies before the record is made runs again, so it must be safe to repeat or carry a fencing token. Steps
   * of one attempt run strictly one after another.
   */
  step<Result extends Json>(name: string, work: () => Promise<Result>, shown?: StepShown<Result>): Promise<Result>;

  /** Tells people what the attempt is doing now. Replaces the last message; lost on a crash; cheap. */
  progress(message: string): void;

  /**
   * A token with a fresh epoch for a scope of the environment this run holds. Draw one each time the attempt begins
   * to act, so that whoever acted before is fenced. Throws `fenced` when the run no longer holds the environment.
   */
  token(scope: string): Promise<FencingToken>;
}

/** A kind of job. */
export interface Stage {
  readonly name: string;
  run(attempt: Attempt): Promise<Outcome>;
}

/** A job as whoever plans a run writes it down. */
export interface JobPlan {
  /** Unique in its run: `build:api`. */
  readonly name: string;
  /**
   * The name of the stage that does it, or one of the two that no attempt does because they only wait:
   * `approval` (input `{needed, digest}`), `lock` (input `{environment}`) and `concurrency` (input `{group, holder,
   * cancelInProgress, queue}`), or `planned`, which the run's own plan decides about.
   */
  readonly stage: string;
  readonly needs: readonly string[];
  readonly turn: Turn;
  readonly input: Json;
  /** From its start; past it the attempt is stopped and the run says that it needs attention. */
  readonly timeout: number;
}

/** What a run is for. Shown everywhere the run is. */
export interface RunPlan {
  readonly kind: "release" | "deployment" | "workflow" | "infrastructure" | "preview" | "verification" | "duty";
  /** One line for people: `release 3f2a1bc "Add prices"`, `deploy r3 to production`. */
  readonly title: string;
  readonly subject: Json;
  readonly requestedBy: string;
  /** What every answer to it is held to; absent where nothing is asked beyond the right to approve. */
  readonly terms?: ApprovalTerms | undefined;
  readonly jobs: readonly JobPlan[];
}
