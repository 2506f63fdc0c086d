import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ReplicaLimits } from "@fairway/core";

/** What must be known of a machine to say whether services get scopes of systemd. */
export interface SystemdFacts {
  /** Whether systemd started this machine or container: it is process 1 then (sd_booted(3)). */
  readonly booted: boolean;
  /** Where the program `systemd-run` is; null when it is not installed. */
  readonly program: string | null;
  readonly root: boolean;
  /** Where the user's own manager listens; null when there is none, as without a login or lingering. */
  readonly userRuntime: string | null;
  /** What the user's manager may limit. */
  readonly userControllers: readonly string[];
}

/** Whether services get scopes of systemd: groups that a restart of Fairway's own unit does not touch. */
export type Scopes =
  | { readonly use: "none"; readonly because: string }
  | {
      readonly use: "system" | "user";
      readonly program: string;
      readonly runtime: string | null;
      readonly controllers: readonly string[];
    };

/** Decides by whom scopes are made: the system's manager for root, the user's own for others, nobody where neither is. */
export function scopesFor(facts: SystemdFacts): Scopes {
  const { booted, program, root, userRuntime, userControllers } = facts;
  if (!booted) return { use: "none", because: "systemd does not run this machine" };
  if (program === null) return { use: "none", because: "systemd-run is not in PATH" };
  if (root) return { use: "system", program, runtime: null, controllers: ["memory", "cpu"] };
  if (userRuntime === null) return { use: "none", because: "there is no systemd of this user; loginctl enable-linger" };
  return { use: "user", program, runtime: userRuntime, controllers: userControllers };
}

/** The words that start a command in a scope of its own, in the same process; none where there are no scopes. */
export function scopeWords(scopes: Scopes, unit: string, { memory, cpus }: ReplicaLimits): readonly string[] {
  if (scopes.use === "none") return [];
  const { controllers, program, runtime, use } = scopes;
  const properties = [
    ...(memory !== undefined && controllers.includes("memory") ? [`MemoryMax=${memory}`, "MemorySwapMax=0"] : []),
    ...(cpus !== undefined && controllers.includes("cpu") ? [`CPUQuota=${Math.round(cpus * 100)}%`] : []),
  ];
  return [
    // What systemd-run needs to find the user's manager is none of the service's environment.
    ...(runtime === null ? [] : ["/usr/bin/env", `XDG_RUNTIME_DIR=${runtime}`]),
    program,
    use === "user" ? "--user" : "--system",
    "--scope",
    "--quiet",
    "--collect",
    `--unit=${unit.replaceAll(/[^\w.-]/g, "_")}.scope`,
    ...properties.flatMap((property) => ["-p", property]),
    "--",
    ...(runtime === null ? [] : ["/usr/bin/env", "-u", "XDG_RUNTIME_DIR"]),
  ];
}

/** Looks at this machine. */
export function systemdFacts(env: Readonly<Record<string, string | undefined>> = process.env): SystemdFacts {
  const uid = process.getuid?.() ?? -1;
  const runtime = env["XDG_RUNTIME_DIR"] ?? `/run/user/${uid}`;
  const manager = `/sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service/cgroup.controllers`;
  return {
    booted: existsSync("/run/systemd/system"),
    program:
      (env["PATH"] ?? "")
        .split(delimiter)
        .map((folder) => join(folder, "systemd-run"))
        .find(isProgram) ?? null,
    root: uid === 0,
    userRuntime: existsSync(join(runtime, "systemd", "private")) ? runtime : null,
    userControllers: existsSync(manager) ? readFileSync(manager, "utf8").trim().split(" ") : [],
  };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or not for us to run.
  }
}
