import type { EnvironmentShape } from "@fairway/api";
import { capital } from "../../text/capital.ts";

/** One sentence: what an environment can take, or why not; while it is being changed, by what. */
export function sentenceOf({
  name,
  moving,
  holder,
  next,
}: Pick<EnvironmentShape, "name" | "moving" | "holder" | "next">): string {
  if (moving === null) return capital(next.sentence);
  const release = holder?.release ?? null;
  const what = release === null ? moving : `${release} (${moving})`;
  if (holder !== null && holder.paused !== null) {
    const { by, because } = holder.paused;
    return `${capital(name)} stands still on its way to ${what}: paused by ${by}${because === null ? "" : ` (${because})`}`;
  }
  return `${capital(name)} is being changed now, to ${what}`;
}
