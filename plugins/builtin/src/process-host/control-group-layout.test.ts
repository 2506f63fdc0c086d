import { expect, test } from "vitest";
import { controlGroupLayout } from "./control-group-layout.ts";

const mounts = (...lines: readonly string[]): string => `22 1 8:1 / / rw - ext4 /dev/sda rw\n${lines.join("\n")}\n`;
const v1 = (controllers: string, root = "/"): string =>
  `32 31 0:29 ${root} /sys/fs/cgroup/${controllers} rw shared:9 - cgroup cgroup rw,${controllers}`;
const v2 = (at = "/sys/fs/cgroup"): string => `29 23 0:26 / ${at} rw - cgroup2 cgroup2 rw,nsdelegate`;

test.each([
  [
    "a machine with systemd has one tree",
    "0::/system.slice/fairway.service\n",
    mounts(v2()),
    { version: 2, own: "/sys/fs/cgroup/system.slice/fairway.service", whole: false },
  ],
  ["a container sees its own top", "0::/\n", mounts(v2()), { version: 2, own: "/sys/fs/cgroup", whole: true }],
  [
    "an older machine has a tree per controller, and its path may hold colons",
    "4:memory:/a:b\n1:cpu,cpuacct:/\n",
    mounts(v1("cpu,cpuacct"), v1("memory")),
    { version: 1, memory: "/sys/fs/cgroup/memory/a:b", cpu: "/sys/fs/cgroup/cpu,cpuacct" },
  ],
  [
    "a machine with both keeps memory and processor in the older",
    "4:memory:/\n1:cpu:/\n0::/\n",
    mounts(v1("cpu"), v1("memory"), v2("/sys/fs/cgroup/unified")),
    { version: 1, memory: "/sys/fs/cgroup/memory", cpu: "/sys/fs/cgroup/cpu" },
  ],
  [
    "a container of an older machine sees a part of the tree",
    "4:memory:/docker/x\n",
    mounts(v1("memory", "/docker/x")),
    { version: 1, memory: "/sys/fs/cgroup/memory", cpu: null },
  ],
  ["a machine without any", "", mounts(), null],
])("%s", (_what, groups, mountInfo, layout) => {
  expect(controlGroupLayout(groups, mountInfo)).toEqual(layout);
});
