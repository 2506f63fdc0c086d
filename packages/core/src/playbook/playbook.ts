import type { Millis } from "../units.ts";

/** A block of a playbook that is run: a fence that says `step=`. Plain fences are for reading and never run. */
export interface PlaybookStep {
  readonly name: string;
  readonly language: string;
  readonly text: string;
  /** Whether a person must say yes before it. */
  readonly approval: boolean;
  /** Whether it may be run again when nobody knows whether it was. */
  readonly idempotent: boolean;
  /** As the fence says it; half an hour when left out. */
  readonly timeout: Millis | null;
  /** Where it begins in the text. */
  readonly line: number;
}

/** A playbook of a commit. */
export interface Playbook {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly file: string;
  /** Of the file: what a run is pinned to. */
  readonly sha256: string;
  readonly reviewed: string;
  readonly steps: readonly PlaybookStep[];
}

/** What runs the text of a step, by the word at its fence; null for one that nothing runs. */
export function programOf({
  language,
  text,
}: Pick<PlaybookStep, "language" | "text">): readonly [string, ...string[]] | null {
  switch (language) {
    case "sh":
      return ["sh", "-eu", "-c", text];
    case "bash":
      return ["bash", "-euo", "pipefail", "-c", text];
    case "js":
      return ["node", "--input-type=module", "-e", text];
    case "python":
      return ["python3", "-c", text];
    default:
      return null;
  }
}
