import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { FairwayError } from "@fairway/core";
import type { CommandSpec } from "./command-spec.ts";
import type { CommandPlan, CommandState } from "./command-state.ts";
import { networkEnvironment } from "./network-environment.ts";
import { bootId, commandMarker } from "./processes.ts";
import { resolveProgram } from "./resolve-program.ts";
import { shellName } from "./start-runner.ts";

/** What is written down before a command starts. Throws `command_failed` when it cannot start at all. */
export async function planOf(
  spec: CommandSpec,
  env: Readonly<Record<string, string>>,
  state: CommandState,
): Promise<CommandPlan> {
  const directory = await stat(spec.cwd).catch(() => undefined);
  if (directory?.isDirectory() !== true) {
    throw new FairwayError("command_failed", `could not start "${spec.argv[0]}": there is no directory ${spec.cwd}`);
  }
  return {
    program: await resolveProgram(spec.argv[0], spec.cwd, env["PATH"] ?? ""),
    timeout: spec.timeout,
    grace: spec.grace,
    bootId: bootId(),
    secretsDigest: digestOf(spec.secrets, state),
  };
}

/** The whole environment of a command. Throws `command_failed` for what a process cannot be given. */
export function environmentOf(spec: CommandSpec, state: CommandState): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(spec.env)) {
    // A shell passes only names it could itself assign; dropping others in silence would be worse than saying so.
    const can = spec.anyNames === true ? /^[^=\0]+$/ : shellName;
    if (!can.test(name) || value.includes("\0")) {
      throw new FairwayError(
        "command_failed",
        `could not start "${spec.argv[0]}": ${JSON.stringify(name)} cannot be passed as an environment variable`,
        {
          hint: "Names are letters, digits and _, not a digit first; values hold no NUL byte.",
        },
      );
    }
  }
  const { PATH = "/usr/local/bin:/usr/bin:/bin", HOME = "/", LANG = "C.UTF-8", TMPDIR = "/tmp" } = process.env;
  return { PATH, HOME, LANG, TMPDIR, ...networkEnvironment(), ...spec.env, [commandMarker]: state.place };
}

/** Salted by the place, so that equal secrets of two commands do not look equal on disk. */
export const digestOf = (secrets: readonly string[], state: CommandState): string =>
  createHash("sha256")
    .update(JSON.stringify([state.place, secrets.toSorted()]))
    .digest("hex");
