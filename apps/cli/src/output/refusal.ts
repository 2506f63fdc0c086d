import type { ErrorCode, FairwayError } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import pc from "picocolors";
import { columns, harmless, wrap } from "./terminal.ts";

/**
 * The exit code of a command that was refused: 1 when the answer is no, 2 when it could not be found out. Exhaustive,
 * so that a new code cannot be forgotten.
 */
export const exitCodes: Readonly<Record<ErrorCode, 1 | 2>> = {
  artifact_damaged: 2,
  artifact_refused: 1,
  backup_damaged: 2,
  bad_request: 1,
  checkout_failed: 2,
  command_failed: 2,
  config_invalid: 1,
  config_not_found: 1,
  daemon_not_running: 2,
  daemon_running: 2,
  data_directory_unusable: 2,
  database_unavailable: 2,
  database_unusable: 2,
  deadline_passed: 2,
  denied: 1,
  disk_full: 2,
  expression_failed: 1,
  flags_invalid: 1,
  fenced: 2,
  git_missing: 2,
  internal: 2,
  key_unusable: 2,
  locked: 1,
  needs_attention: 2,
  not_a_repository: 1,
  not_allowed_now: 1,
  not_found: 1,
  port_in_use: 2,
  quarantined: 1,
  refused_listen: 1,
  registry_refused: 2,
  registry_unavailable: 2,
  revision_not_found: 1,
  router_unavailable: 2,
  seal_broken: 2,
  secret_missing: 1,
  secrets_unavailable: 2,
  signing_refused: 2,
  signing_unavailable: 2,
  stale_approval: 1,
  step_up_required: 1,
  target_unreachable: 2,
  too_many_attempts: 1,
  tree_dirty: 1,
  unauthenticated: 1,
  version_conflict: 1,
  workflow_invalid: 1,
};

/** The exit code that goes with whatever was thrown; a fault of our own is something that could not be found out. */
export function exitCodeFor(thrown: unknown): 1 | 2 {
  const code = codeOf(thrown);
  return code ? exitCodes[code] : 2;
}

/** Tells a person, or with `json` a program, what was refused and what to do about it. */
export function printRefusal(thrown: unknown, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(refusalJson(thrown), null, 2)}\n`);
  else process.stderr.write(`${refusalLines(thrown, columns(process.stderr)).join("\n")}\n`);
}

/** A refusal as a program reads it. */
export function refusalJson(thrown: unknown): unknown {
  const { hint, problems = [], retryable = false } = thrown as Partial<FairwayError>;
  const code = codeOf(thrown) ?? "internal";
  return { error: { code, message: messageOf(thrown), hint: hint ?? null, retryable, problems } };
}

/** Which request it was is for programs; a person has typed something else. */
const ofTheProtocol = /^[A-Z]+ \/api\/\S+ cannot take this: /;

/** A refusal as a person reads it: what was refused, each finding, what to do. */
export function refusalLines(thrown: unknown, width: number): readonly string[] {
  const code = codeOf(thrown);
  const { hint, problems = [] } = thrown as Partial<FairwayError>;
  const message = harmless(messageOf(thrown)).replace(ofTheProtocol, "");
  const [first = "", ...others] = wrap(`error ${message} [${code ?? "internal"}]`, width);
  const lines = [first.replace(/^error/, (word) => pc.red(word)), ...others];
  // One that the message tells already is not told again.
  for (const problem of problems.filter((one) => !message.includes(harmless(one))))
    lines.push(...wrap(harmless(problem), width, "  "));
  if (hint)
    lines.push(...wrap(`→ ${harmless(hint)}`, width).map((line) => line.replace(/^→/, (arrow) => pc.dim(arrow))));
  if (code === undefined && process.env["FAIRWAY_DEBUG"] && thrown instanceof Error) lines.push(thrown.stack ?? "");
  return lines;
}
