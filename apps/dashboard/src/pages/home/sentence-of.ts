import type { EnvironmentShape, RunSummary } from "@fairway/api";

/** One sentence: what an environment can take, or why not; while it is being changed, by what. */
export function sentenceOf(
  { name, moving, next }: Pick<EnvironmentShape, "name" | "moving" | "next">,
  active: readonly Pick<RunSummary, "id" | "title" | "release" | "paused">[],
): string {
  if (moving === null) return capital(next.sentence);
  const run = active.find(({ id }) => id === moving);
  const what = run?.release === undefined || run.release === null ? moving : `${run.release} (${moving})`;
  if (run?.paused !== null && run?.paused !== undefined) {
    const { by, because } = run.paused;
    return `${capital(name)} stands still on its way to ${what}: paused by ${by}${because === null ? "" : ` (${because})`}`;
  }
  return `${capital(name)} is being changed now, to ${what}`;
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
