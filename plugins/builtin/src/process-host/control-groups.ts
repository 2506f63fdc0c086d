import { mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ReplicaLimits } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { ControlGroupLayout } from "./control-group-layout.ts";
import { controlGroupLayout } from "./control-group-layout.ts";
import { hasCode } from "./system-error.ts";

/** What the kernel holds replicas to, by control groups below the daemon's own: its own limits count for them too. */
export interface ControlGroups {
  readonly memory: boolean;
  readonly cpus: boolean;
  /** Where the groups are made, or why none can be. */
  readonly where: string;
  /** Makes the groups of one replica: directories, and the files a process writes 0 into to be in them. */
  make(name: string, limits: ReplicaLimits): readonly string[];
  /** Takes away what nobody is in and is not among these. */
  sweep(kept: ReadonlySet<string>): void;
}

/** A period of 100 ms is the kernel's own; a shorter one costs more, a longer one is felt as stutter. */
const period = 100_000;
/** The daemon's own group where it had to make room: of two levels only the lower may hold processes. */
const daemonGroup = "fairway-daemon";

/** The file by which a process enters a group. */
export const entranceOf = (group: string): string => join(group, "cgroup.procs");

/** Opens the control groups that this process may make, in a folder of this name. */
export function openControlGroups(name: string, layout: ControlGroupLayout | null = ownLayout()): ControlGroups {
  if (layout === null) return none("this system has no control groups");
  return layout.version === 1 ? versionOne(name, layout) : versionTwo(name, layout);
}

const none = (where: string): ControlGroups => ({
  memory: false,
  cpus: false,
  where,
  make: () => [],
  sweep: () => undefined,
});

function versionOne(name: string, { memory, cpu }: ControlGroupLayout & { readonly version: 1 }): ControlGroups {
  const memoryBase = memory === null ? null : join(memory, name);
  const cpuBase = cpu === null ? null : join(cpu, name);
  const refused = { memory: refusalOf(memoryBase), cpu: refusalOf(cpuBase) };
  const refusal = refused.memory ?? refused.cpu;
  return {
    memory: memoryBase !== null && refused.memory === null,
    cpus: cpuBase !== null && refused.cpu === null,
    where: refusal ?? `control groups of version 1 below ${memory ?? cpu}`,
    make: (replica, limits) => [
      ...(memoryBase === null || limits.memory === undefined || refused.memory !== null
        ? []
        : [
            group(join(memoryBase, replica), [
              ["memory.limit_in_bytes", String(limits.memory)],
              // Else it would swap instead of ending; absent where the kernel does not count swap.
              ["?memory.memsw.limit_in_bytes", String(limits.memory)],
            ]),
          ]),
      ...(cpuBase === null || limits.cpus === undefined || refused.cpu !== null
        ? []
        : [
            group(join(cpuBase, replica), [
              ["cpu.cfs_period_us", String(period)],
              ["cpu.cfs_quota_us", String(Math.round(limits.cpus * period))],
            ]),
          ]),
    ],
    sweep: (kept) => [memoryBase, cpuBase].forEach((base) => base !== null && sweepIn(base, kept)),
  };
}

function versionTwo(name: string, { own, whole }: ControlGroupLayout & { readonly version: 2 }): ControlGroups {
  const top = basename(own) === daemonGroup ? dirname(own) : own;
  const base = join(top, name);
  try {
    delegate(top, whole);
    mkdirSync(base, { recursive: true });
    delegate(base, false);
  } catch (thrown) {
    removeIfEmpty(base);
    return none(
      hasCode(thrown, "EBUSY")
        ? `control groups cannot be made below ${top}: other processes are in it`
        : `control groups cannot be made below ${top}: ${messageOf(thrown)}`,
    );
  }
  const controllers = wordsIn(join(base, "cgroup.controllers"));
  const memory = controllers.includes("memory");
  const cpus = controllers.includes("cpu");
  removeIfEmpty(base);
  return {
    memory,
    cpus,
    where: `control groups of version 2 below ${top}`,
    make(replica, limits) {
      const settings: readonly (readonly [string, string])[] = [
        ...(memory && limits.memory !== undefined
          ? ([
              ["memory.max", String(limits.memory)],
              ["?memory.swap.max", "0"],
              // One of several processes taken away leaves a service that is neither well nor dead.
              ["?memory.oom.group", "1"],
            ] as const)
          : []),
        ...(cpus && limits.cpus !== undefined
          ? ([["cpu.max", `${Math.round(limits.cpus * period)} ${period}`]] as const)
          : []),
      ];
      if (settings.length === 0) return [];
      mkdirSync(base, { recursive: true });
      delegate(base, false);
      return [group(join(base, replica), settings)];
    },
    sweep: (kept) => sweepIn(base, kept),
  };
}

/** Hands memory and processor on to the groups below; moves what is in the way where all of it is ours. */
function delegate(directory: string, mayMove: boolean): void {
  const there = wordsIn(join(directory, "cgroup.controllers"));
  const wanted = ["memory", "cpu"].filter((name) => there.includes(name));
  const file = join(directory, "cgroup.subtree_control");
  const given = wordsIn(file);
  const missing = wanted.filter((name) => !given.includes(name));
  if (missing.length === 0) return;
  const text = missing.map((name) => `+${name}`).join(" ");
  try {
    writeFileSync(file, text);
  } catch (thrown) {
    if (!mayMove || !hasCode(thrown, "EBUSY")) throw thrown;
    const room = join(directory, daemonGroup);
    mkdirSync(room, { recursive: true });
    for (const pid of wordsIn(entranceOf(directory))) writeFileSync(entranceOf(room), pid);
    writeFileSync(file, text);
  }
}

/** Makes a group and sets what it is to hold; a name with a question mark is set where the kernel knows it. */
function group(directory: string, settings: readonly (readonly [string, string])[]): string {
  mkdirSync(directory, { recursive: true });
  for (const [name, value] of settings) {
    try {
      // Not created when it is absent: what the kernel does not offer it does not enforce.
      writeFileSync(join(directory, name.replace("?", "")), value, { flag: "r+" });
    } catch (thrown) {
      if (name.startsWith("?")) continue;
      removeIfEmpty(directory);
      throw thrown;
    }
  }
  return directory;
}

/** How often the kernel has ended a process of these groups for want of memory. */
export function memoryKills(groups: readonly string[]): number {
  const files = groups.flatMap((directory) => [
    join(directory, "memory.oom_control"),
    join(directory, "memory.events"),
  ]);
  return files.reduce((sum, file) => sum + Number(/^oom_kill (\d+)$/m.exec(textOf(file))?.[1] ?? 0), 0);
}

/** Takes away groups that nobody is in any more, and the folder they were in when it was the last. */
export function removeGroups(groups: readonly string[]): void {
  for (const directory of groups) {
    removeIfEmpty(directory);
    removeIfEmpty(dirname(directory));
  }
}

function sweepIn(base: string, kept: ReadonlySet<string>): void {
  for (const name of foldersIn(base)) if (!kept.has(join(base, name))) removeIfEmpty(join(base, name));
  removeIfEmpty(base);
}

/** Why no group can be made here; null when one can. */
function refusalOf(directory: string | null): string | null {
  if (directory === null) return "control groups for memory or processor are not mounted";
  const isThere = foldersIn(dirname(directory)).includes(basename(directory));
  try {
    mkdirSync(directory, { recursive: true });
    if (!isThere) removeIfEmpty(directory);
    return null;
  } catch (thrown) {
    return `control groups cannot be made: ${messageOf(thrown)}`;
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (thrown) {
    // Somebody is in it, or it is gone; what stays is swept when the next daemon starts.
    if (!hasCode(thrown, "EBUSY", "ENOTEMPTY", "ENOENT", "EACCES", "EPERM", "EROFS")) throw thrown;
  }
}

const ownLayout = (): ControlGroupLayout | null =>
  controlGroupLayout(textOf("/proc/self/cgroup"), textOf("/proc/self/mountinfo"));

const wordsIn = (path: string): readonly string[] => textOf(path).split(/\s+/).filter(Boolean);

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT", "ENOTDIR", "ENODEV", "EACCES")) return "";
    throw thrown;
  }
}

function foldersIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []));
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT", "ENOTDIR")) return [];
    throw thrown;
  }
}
