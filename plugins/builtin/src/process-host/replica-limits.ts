import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ReplicaLimits } from "@fairway/core";
import { messageOf, textOfBytes } from "@fairway/core";
import type { ControlGroups } from "./control-groups.ts";
import { entranceOf, openControlGroups } from "./control-groups.ts";
import { hasProcFiles } from "./process-identity.ts";
import type { Scopes } from "./systemd-scope.ts";
import { scopesFor, scopeWords, systemdFacts } from "./systemd-scope.ts";

/** What of the limits of a service this machine can be held to. */
export interface LimitEnforcement {
  /** `watched`: Fairway looks each second at what the service and its children use. */
  readonly memory: "kernel" | "watched" | "no";
  readonly cpus: "kernel" | "no";
  /** The most open files that a process may be given; null when it is not known. */
  readonly files: number | null;
  /** Where the kernel's groups are, or why there are none. */
  readonly where: string;
}

/** How one replica is held to its limits. */
export interface HeldLimits {
  /** Words that start the shim in a place of its own, before the shim. */
  readonly wrap: readonly string[];
  /** Words for the shim, before the command. */
  readonly words: readonly string[];
  readonly groups: readonly string[];
  /** Nobody but us looks at its memory. */
  readonly watchMemory: boolean;
}

/** Of what is not started, and of what has no limits. */
export const notHeld: HeldLimits = { wrap: [], words: [], groups: [], watchMemory: false };

/** Holds replicas to their limits, by the best means there are. */
export interface LimitKeeper {
  readonly enforcement: LimitEnforcement;
  /** `name` is of one start and of no other. Tells what cannot be enforced, and goes on without. */
  hold(name: string, limits: ReplicaLimits, tell: (lack: string) => void): HeldLimits;
  sweep(groups: ReadonlySet<string>): void;
}

/** The keeper for the replicas in a directory; hosts of several directories do not meet. */
export function limitKeeper(
  directory: string,
  groups: ControlGroups | null = null,
  scopes: Scopes = scopesFor(systemdFacts()),
): LimitKeeper {
  const name = `fairway-${shortDigest(directory)}`;
  if (groups === null && scopes.use !== "none") return scopeKeeper(name, scopes);
  return groupKeeper(groups ?? openControlGroups(name));
}

/** By scopes of systemd, in which services also outlive a restart of Fairway's own unit. */
function scopeKeeper(prefix: string, scopes: Scopes & { readonly use: "system" | "user" }): LimitKeeper {
  const { controllers } = scopes;
  const has = { memory: controllers.includes("memory"), cpus: controllers.includes("cpu") };
  const enforcement = enforcementOf(has, `scopes of systemd (${scopes.use})`);
  return {
    enforcement,
    sweep: () => undefined,
    hold: (name, limits, tell) => ({
      wrap: scopeWords(scopes, `${prefix}-${name}`, limits),
      words: filesWords(limits, enforcement, tell),
      groups: [],
      watchMemory: isWatched(limits, has, enforcement, tell),
    }),
  };
}

function groupKeeper(groups: ControlGroups): LimitKeeper {
  const enforcement = enforcementOf(groups, groups.where);

  function make(name: string, limits: ReplicaLimits, tell: (lack: string) => void): readonly string[] {
    try {
      return groups.make(name, limits);
    } catch (thrown) {
      tell(`the kernel does not enforce its limits: ${messageOf(thrown)}`);
      return [];
    }
  }

  return {
    enforcement,
    sweep: (kept) => groups.sweep(kept),
    hold(name, limits, tell) {
      const made = make(name, limits, tell);
      const has = { memory: groups.memory && made.length > 0, cpus: groups.cpus };
      return {
        wrap: [],
        groups: made,
        watchMemory: isWatched(limits, has, enforcement, tell),
        words: [...made.flatMap((group) => ["--join", entranceOf(group)]), ...filesWords(limits, enforcement, tell)],
      };
    },
  };
}

/** What the kernel enforces. */
interface ByKernel {
  readonly memory: boolean;
  readonly cpus: boolean;
}

const enforcementOf = ({ memory, cpus }: ByKernel, where: string): LimitEnforcement => ({
  memory: memory ? "kernel" : hasProcFiles ? "watched" : "no",
  cpus: cpus ? "kernel" : "no",
  files: mostFiles(),
  where,
});

/** Whether we have to look at the memory ourselves. Tells what nobody enforces. */
function isWatched(
  { memory, cpus }: ReplicaLimits,
  byKernel: ByKernel,
  { where }: LimitEnforcement,
  tell: (lack: string) => void,
): boolean {
  if (cpus !== undefined && !byKernel.cpus) tell(`nothing enforces ${cpus} processors here: ${where}`);
  if (memory === undefined || byKernel.memory) return false;
  if (hasProcFiles)
    tell(`its memory is looked at each second, since the kernel does not enforce ${textOfBytes(memory)} here`);
  else tell(`nothing enforces ${textOfBytes(memory)} here`);
  return hasProcFiles;
}

function filesWords(
  { files }: ReplicaLimits,
  { files: most }: LimitEnforcement,
  tell: (lack: string) => void,
): readonly string[] {
  if (files === undefined) return [];
  if (most === null || files <= most) return ["--files", String(files)];
  tell(`it gets ${most} open files and not ${files}: the system allows no more`);
  return ["--files", String(most)];
}

/** The hard limit of this process, which its children cannot exceed. */
function mostFiles(): number | null {
  if (!hasProcFiles) return null;
  const [, hard] = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return hard === undefined ? null : Number(hard);
}

const shortDigest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);
