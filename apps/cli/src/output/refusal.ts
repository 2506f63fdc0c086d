import type { FairwayError } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import pc from "picocolors";
import { harmless } from "./terminal.ts";

/** The exit code that goes with a refusal: 1 when the answer is no, 2 when it could not be found out. */
export function exitCodeFor(thrown: unknown): 1 | 2 {
  const code = codeOf(thrown);
  const noes: readonly (string | undefined)[] = [
    "bad_request",
    "config_invalid",
    "config_not_found",
    "locked",
    "not_a_repository",
    "not_allowed_now",
    "not_found",
    "refused_listen",
    "revision_not_found",
    "secret_missing",
    "stale_approval",
    "tree_dirty",
  ];
  return noes.includes(code) ? 1 : 2;
}

/** Tells a person, or with `json` a program, what was refused and what to do about it. */
export function printRefusal(thrown: unknown, json: boolean): void {
  const code = codeOf(thrown) ?? "internal";
  const { hint, problems = [] } = thrown as Partial<FairwayError>;
  if (json) {
    const { retryable = false } = thrown as Partial<FairwayError>;
    process.stdout.write(`${JSON.stringify({ error: { code, message: messageOf(thrown), hint: hint ?? null, retryable, problems } }, null, 2)}\n`);
    return;
  }
  const lines = [`${pc.red("error")} ${harmless(messageOf(thrown))} ${pc.dim(`[${code}]`)}`];
  for (const problem of problems) lines.push(...harmless(problem).split("\n").map((line) => `  ${line}`));
  if (hint) lines.push(`${pc.dim("→")} ${hint}`);
  if (codeOf(thrown) === undefined && process.env["FAIRWAY_DEBUG"] && thrown instanceof Error) lines.push(thrown.stack ?? "");
  process.stderr.write(`${lines.join("\n")}\n`);
}
