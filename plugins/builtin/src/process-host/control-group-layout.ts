/** Where the control groups of a process are, as directories. */
export type ControlGroupLayout =
  | { readonly version: 1; readonly memory: string | null; readonly cpu: string | null }
  /** `whole`: the group is the top of what the process can see, so everything in it came with the same container. */
  | { readonly version: 2; readonly own: string; readonly whole: boolean };

interface Mount {
  /** What of the hierarchy is mounted: a container may see a part of it only. */
  readonly root: string;
  readonly at: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

/**
 * Reads where a process is from `/proc/self/cgroup` and `/proc/self/mountinfo`; null where no control groups are
 * mounted. Machines that mount both versions keep memory and processor in the first, so that is taken when it has them
 * (https://docs.kernel.org/admin-guide/cgroup-v2.html).
 */
export function controlGroupLayout(ownGroups: string, mountInfo: string): ControlGroupLayout | null {
  const mounts = mountInfo.split("\n").flatMap(mountOf);
  const own = new Map(
    ownGroups.split("\n").flatMap((line) => {
      const [, controllers = "", path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      return path === undefined ? [] : controllers.split(",").map((name) => [name, path] as const);
    }),
  );
  const directoryOf = (controller: string): string | null => {
    const path = own.get(controller);
    const mount = mounts.find(({ version, controllers }) =>
      controller === "" ? version === 2 : version === 1 && controllers.includes(controller),
    );
    return path === undefined || mount === undefined ? null : directoryIn(mount, path);
  };

  const [memory, cpu, unified] = [directoryOf("memory"), directoryOf("cpu"), directoryOf("")];
  if (memory !== null || cpu !== null) return { version: 1, memory, cpu };
  return unified === null ? null : { version: 2, own: unified, whole: own.get("") === "/" };
}

/** Lines such as `32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu`. */
function mountOf(line: string): readonly Mount[] {
  const [before = "", after = ""] = line.split(" - ");
  const [, , , root, at] = before.split(" ");
  const [type, , options = ""] = after.split(" ");
  if (root === undefined || at === undefined || (type !== "cgroup" && type !== "cgroup2")) return [];
  return [{ root, at, version: type === "cgroup2" ? 2 : 1, controllers: options.split(",") }];
}

function directoryIn({ root, at }: Mount, path: string): string {
  const below = root === "/" ? path : path === root ? "/" : path.startsWith(`${root}/`) ? path.slice(root.length) : "/";
  return below === "/" ? at : `${at}${below}`;
}
