import type { Possible } from "@fairway/core";

/** Whether somebody has typed every name of what would be taken away, each on a line of its own. */
export function allNamed(names: readonly string[], typed: string): Possible {
  const lines = new Set(typed.split("\n").map((line) => line.trim()));
  const missing = names.filter((name) => !lines.has(name));
  return missing.length === 0
    ? { possible: true }
    : { possible: false, reason: `type what is taken away: ${missing.join(", ")}` };
}
