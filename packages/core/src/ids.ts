declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A release, `r42`. Numbered in the order they were made. */
export type ReleaseId = Branded<"ReleaseId">;
/** A durable execution, `run-17`. A deployment is a run, and its id is the run's. */
export type RunId = Branded<"RunId">;
/** One service's part of one deployment, `run-17/api`. */
export type RolloutId = Branded<"RolloutId">;
/** One try of one job, `run-17/build:api/2`. A new try gets a new number; a crash does not. */
export type AttemptId = Branded<"AttemptId">;

export const releaseId = (number: number): ReleaseId => `r${number}` as ReleaseId;
export const runId = (number: number): RunId => `run-${number}` as RunId;
export const rolloutId = (run: RunId, service: string): RolloutId => `${run}/${service}` as RolloutId;
export const attemptId = (run: RunId, job: string, attempt: number): AttemptId =>
  `${run}/${job}/${attempt}` as AttemptId;

/** A full commit hash: 40 hex digits, or 64 in a SHA-256 repository. */
export type Sha = string;

/** `sha256:` and 64 hex digits. */
export type Digest = string;
