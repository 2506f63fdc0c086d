import type { AttemptId, ErrorCode, FencingToken, RunId } from "@fairway/core";
import { codeOf, FairwayError, messageOf } from "@fairway/core";
import type { Attempt, Json, StepShown } from "./stage.ts";

/** What is recorded of a step. That it could not be done is recorded as a value too, so nothing but JSON is stored. */
export type Recorded = { readonly value: Json } | { readonly error: StoredError };

/** An error as it is recorded; it comes back as a `FairwayError`. */
export interface StoredError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
  readonly retryable: boolean;
  readonly problems: readonly string[];
}

/** Does work and records what came of it, or returns what was recorded before. Steps come in the same order each time. */
export type Recorder = (name: string, work: () => Promise<Recorded>) => Promise<Recorded>;

/** What surrounds one execution of an attempt. */
export interface AttemptSetting {
  readonly id: AttemptId;
  readonly run: RunId;
  readonly job: string;
  readonly input: Json;
  readonly results: ReadonlyMap<string, Json>;
  readonly signal: AbortSignal;
  /** Whether an earlier execution may have begun steps that were not recorded. */
  readonly resumed: boolean;
  readonly record: Recorder;
  /** Waits until this process may begin a step; never answers when it may not any more. */
  readonly mayBegin: () => Promise<void>;
  readonly token: (scope: string) => Promise<FencingToken>;
  readonly progress: (message: string) => void;
  /** Told how each step stands, for people to see. */
  readonly see: (
    step: { readonly seq: number; readonly name: string; readonly title: string | null } & StepStanding,
  ) => void;
}

export type StepStanding =
  | { readonly state: "running"; readonly message: null }
  | { readonly state: "succeeded" | "failed" | "aborted"; readonly message: string | null }
  | { readonly state: "errored"; readonly message: string };

/**
 * Whether an attempt must let go of what it began rather than end it: this worker has lost the attempt, or closes, and
 * whoever goes on with it will find the command, the rollout, the process where it is.
 */
export const mustLetGo = (signal: AbortSignal): boolean => signal.aborted && codeOf(signal.reason) === "fenced";

/** A promise for an execution that nobody waits for any more. */
export const never = <Result>(): Promise<Result> => new Promise<Result>(() => {});

/** The attempt as its stage sees it. */
export function attemptIn(setting: AttemptSetting): Attempt {
  const { signal } = setting;
  let seq = 0;
  let underWay: string | undefined;
  // Once one step was done for the first time, so are all that follow.
  let beyondTheRecord = !setting.resumed;

  const step = async <Result extends Json>(
    name: string,
    work: () => Promise<Result>,
    shown?: StepShown<Result>,
  ): Promise<Result> => {
    if (underWay !== undefined)
      throw new FairwayError(
        "internal",
        `${setting.id} began the step "${name}" during "${underWay}"; steps run one after another`,
      );
    underWay = name;
    const place = ++seq;
    const mine = (): { readonly seq: number; readonly name: string; readonly title: string | null } => ({
      seq: place,
      name,
      title: shown?.title() ?? null,
    });
    try {
      if (mustLetGo(signal)) return await never();
      // After a crash the first step that is not on record may have begun: it is done again, with the signal fired, so
      // that it can find what it left and end it.
      if (signal.aborted && beyondTheRecord) throw signal.reason;
      await setting.mayBegin();
      const recorded = await setting.record(name, async () => {
        beyondTheRecord = true;
        setting.see({ ...mine(), state: "running", message: null });
        const done = await outcomeOf(work);
        // An error because we were told to let go is not the step's outcome: it must be done again elsewhere.
        return mustLetGo(signal) && "error" in done ? never() : done;
      });
      if (mustLetGo(signal)) return await never();
      if ("error" in recorded) {
        setting.see({ ...mine(), state: "errored", message: recorded.error.message });
        throw revived(recorded.error);
      }
      const value = recorded.value as Result;
      setting.see({ ...mine(), ...(shown?.standing(value) ?? { state: "succeeded", message: null }) });
      return value;
    } finally {
      underWay = undefined;
    }
  };

  return {
    id: setting.id,
    run: setting.run,
    job: setting.job,
    input: setting.input,
    results: setting.results,
    signal,
    step,
    progress: setting.progress,
    token: setting.token,
  };
}

async function outcomeOf(work: () => Promise<Json>): Promise<Recorded> {
  try {
    return { value: (await work()) ?? null };
  } catch (thrown) {
    return { error: storable(thrown) };
  }
}

/** An error as it can be stored. What is not ours is a fault in Fairway. */
function storable(thrown: unknown): StoredError {
  const code = codeOf(thrown);
  const details = (code === undefined ? {} : thrown) as Partial<FairwayError>;
  return {
    code: code ?? "internal",
    message: messageOf(thrown),
    hint: details.hint ?? null,
    retryable: details.retryable ?? false,
    problems: details.problems ?? [],
  };
}

/** The error that was stored. */
const revived = ({ code, message, hint, retryable, problems }: StoredError): FairwayError =>
  new FairwayError(code, message, { hint: hint ?? undefined, retryable, problems });
