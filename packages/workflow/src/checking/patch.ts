import { createTwoFilesPatch } from "diff";

/** A change of whole lines; lines are counted from 1 and those of the original. */
export interface Edit {
  /** Lines are put in after this one; 0 is the beginning of the file. */
  readonly after: number;
  /** How many of the lines that follow are taken out. */
  readonly remove?: number;
  readonly insert: readonly string[];
}

/** The text with the edits made, in whatever order they are given. */
export function edited(text: string, edits: readonly Edit[]): string {
  const lines = text.split("\n");
  for (const { after, remove = 0, insert } of edits.toSorted((one, other) => other.after - one.after)) {
    lines.splice(after, remove, ...insert);
  }
  return lines.join("\n");
}

/** A unified diff that `git apply` takes. */
export function unifiedDiff(file: string, before: string, after: string): string {
  const patch = createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after, undefined, undefined, { context: 3 });
  return patch.replace(/^=+\n/u, "").replaceAll(/^(---|\+\+\+) (.*)\t$/gmu, "$1 $2");
}
