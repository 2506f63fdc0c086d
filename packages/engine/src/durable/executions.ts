import type { AttemptId } from "@fairway/core";
import type { Recorder } from "../runs/attempt.ts";

/** Executes one attempt, from its beginning or from where its record ends. It answers once there is nothing left to do. */
export type Interpret = (id: AttemptId, record: Recorder) => Promise<void>;

/** Where attempts are executed, so that what they recorded outlives the process that did. */
export interface Executions {
  /** Begins an attempt in this process. */
  begin(id: AttemptId): Promise<void>;
  /**
   * Has an attempt gone on with, by whichever process gets to it first; whoever executed it before can record nothing
   * more. `gone` when it was executed to its end. May be repeated.
   */
  resume(id: AttemptId): Promise<"resumed" | "gone">;
  /** Forgets what ended attempts recorded. */
  forgetEnded(): Promise<void>;
  /** Begins nothing more. What runs is not waited for: it is resumed by the next process. */
  close(): Promise<void>;
}
