import type { Finding } from "./problems.ts";

/** Why a configuration program gave no value, with the place when its own stack told one. */
export interface EvaluationFault {
  /** Absolute; null when no file of the user's had a part in it. */
  readonly file: string | null;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix?: string;
}

/** What the child process says about a configuration program; it is written as JSON to descriptor 3. */
export type Evaluation =
  | { readonly outcome: "value"; readonly data: unknown; readonly findings: readonly Finding[] }
  | { readonly outcome: "fault"; readonly fault: EvaluationFault };
