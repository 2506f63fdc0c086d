import { readdir, readFile, readlink } from "node:fs/promises";

/** The process that listens on a TCP port of this machine; null when none does, or the system does not tell. */
export async function portOwner(port: number): Promise<number | null> {
  const sockets = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of (await textOf(table)).split("\n").slice(1)) {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      if (state === "0A" && Number.parseInt(local.split(":")[1] ?? "", 16) === port) sockets.add(`socket:[${inode}]`);
    }
  }
  if (sockets.size === 0) return null;
  for (const pid of await namesIn("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of await namesIn(`/proc/${pid}/fd`)) {
      if (sockets.has(await linkAt(`/proc/${pid}/fd/${fd}`))) return Number(pid);
    }
  }
  return null;
}

// Processes come and go while they are looked at, and those of other users do not show what they have open.
const textOf = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
const namesIn = (path: string): Promise<readonly string[]> => readdir(path).catch(() => []);
const linkAt = (path: string): Promise<string> => readlink(path).catch(() => "");
