import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ReplicaLimits } from "@fairway/core";
import { messageOf, textOfBytes } from "@fairway/core";
import type { ControlGroups } from "./control-groups.ts";
import { entranceOf, openControlGroups } from "./control-groups.ts";
import { hasProcFiles } from "./process-identity.ts";

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
  /** Words for the shim, before the command. */
  readonly words: readonly string[];
  readonly groups: readonly string[];
  /** Nobody but us looks at its memory. */
  readonly watchMemory: boolean;
}

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
  groups: ControlGroups = openControlGroups(`fairway-${shortDigest(directory)}`),
): LimitKeeper {
  const enforcement: LimitEnforcement = {
    memory: groups.memory ? "kernel" : hasProcFiles ? "watched" : "no",
    cpus: groups.cpus ? "kernel" : "no",
    files: mostFiles(),
    where: groups.where,
  };

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
      const byKernel = groups.memory && made.length > 0;
      const { memory, cpus } = limits;
      if (memory !== undefined && !byKernel && hasProcFiles)
        tell(`its memory is looked at each second, since the kernel does not enforce ${textOfBytes(memory)} here`);
      if (memory !== undefined && !byKernel && !hasProcFiles) tell(`nothing enforces ${textOfBytes(memory)} here`);
      if (cpus !== undefined && !groups.cpus) tell(`nothing enforces ${cpus} processors here: ${groups.where}`);
      return {
        groups: made,
        watchMemory: memory !== undefined && !byKernel && hasProcFiles,
        words: [...made.flatMap((group) => ["--join", entranceOf(group)]), ...filesWords(limits, enforcement, tell)],
      };
    },
  };
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
