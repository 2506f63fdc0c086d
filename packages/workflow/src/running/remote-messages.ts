import type { JobContainers } from "@fairway/core";
import { codeOf, FairwayError, messageOf } from "@fairway/core";
import type { JobInstance } from "../model/plan.ts";
import type { Annotation, FilteredOutput, HostCommand, JobHost, OutputWish, StepProgress } from "./job-host.ts";
import type { JobSurroundings } from "./job-surroundings.ts";
import type { JobRetry } from "./run-job.ts";
import type { JobEnd } from "./step-record.ts";

/** A user and group of the system. */
export interface JobUser {
  readonly uid: number;
  readonly gid: number;
}

/** What the process of a job is given first. */
export interface RemoteStart {
  readonly is: "start";
  readonly instance: JobInstance;
  readonly around: JobSurroundings;
  readonly retry?: JobRetry | undefined;
  readonly user?: JobUser | undefined;
  readonly host: Pick<JobHost, "secrets" | "vars" | "folders" | "startedAt">;
  readonly cancelled: boolean;
  /** Whether there are containers for it. */
  readonly containers: boolean;
}

/** From the host to the process of the job. Numbers tie an answer to its question. */
export type ToJob =
  | RemoteStart
  | { readonly is: "cancel" }
  | { readonly is: "answer"; readonly to: number; readonly value: unknown }
  | { readonly is: "refusal"; readonly to: number; readonly error: RemoteError }
  /** The host has no record of the step: do its work. */
  | { readonly is: "work"; readonly step: number }
  | { readonly is: "output"; readonly command: number; readonly batch: readonly string[] };

/** A command without what cannot be sent. */
export type RemoteCommand = Omit<HostCommand, "signal" | "output">;

/** Questions of a job that have one answer. */
export type RemoteQuestion =
  | { readonly ask: "step"; readonly key: string }
  | {
      readonly ask: "command";
      readonly command: RemoteCommand;
      readonly wants: OutputWish | undefined;
      readonly aborted: boolean;
    }
  | { readonly ask: "summary"; readonly place: string; readonly markdown: string }
  | { readonly ask: "identityToken"; readonly audience: string }
  | { readonly ask: "repository"; readonly wanted: Parameters<JobHost["repository"]>[0] }
  | { readonly ask: "action"; readonly wanted: Parameters<JobHost["action"]>[0] }
  | { readonly ask: "containers"; readonly method: keyof JobContainers; readonly given: readonly unknown[] };

/** From the process of the job to its host. */
export type ToHost =
  /** Everything is loaded; the process waits for its job. */
  | { readonly is: "ready" }
  | { readonly is: "question"; readonly id: number; readonly question: RemoteQuestion }
  | { readonly is: "worked"; readonly step: number; readonly value: unknown }
  | { readonly is: "work-failed"; readonly step: number; readonly error: RemoteError }
  | { readonly is: "abort"; readonly command: number }
  | { readonly is: "filtered"; readonly command: number; readonly output: FilteredOutput }
  | { readonly is: "filter-failed"; readonly command: number; readonly error: RemoteError }
  | { readonly is: "log"; readonly step: string; readonly lines: readonly string[] }
  | { readonly is: "mask"; readonly value: string }
  | { readonly is: "annotation"; readonly annotation: Annotation }
  | { readonly is: "progress"; readonly step: StepProgress }
  | { readonly is: "end"; readonly end: JobEnd }
  | { readonly is: "failed"; readonly error: RemoteError };

/** What of an error can be sent. */
export interface RemoteError {
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  readonly retryable?: boolean;
  readonly problems?: readonly string[];
}

export function sendable(thrown: unknown): RemoteError {
  const { hint, retryable, problems } = (typeof thrown === "object" ? (thrown ?? {}) : {}) as Partial<FairwayError>;
  const code = codeOf(thrown);
  return {
    message: messageOf(thrown),
    ...(code === undefined ? {} : { code }),
    ...(hint === undefined ? {} : { hint }),
    ...(retryable === undefined ? {} : { retryable }),
    ...(problems === undefined ? {} : { problems }),
  };
}

/** The error that was sent, as one of ours; a fault in the job's own code becomes `internal`. */
export function received(error: RemoteError): FairwayError {
  const code = codeOf(error) ?? "internal";
  return new FairwayError(code, error.message, {
    hint: error.hint,
    retryable: error.retryable ?? false,
    problems: error.problems ?? [],
  });
}
