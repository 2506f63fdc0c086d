import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hasProcFiles } from "./process-identity.ts";

/** Who takes connections on a port of this machine's loopback. */
export type PortHolder = "ours" | "foreign" | "nobody";

interface Socket {
  readonly inode: string;
  readonly port: number;
}

/** Whether one of these processes is the one that listens on a port: a stranger's "I am well" must not count. */
export function holderOf(port: number, pids: readonly number[]): PortHolder {
  if (!hasProcFiles) return holderByLsof(port, pids);
  const sockets = listening().filter((socket) => socket.port === port);
  if (sockets.length === 0) return "nobody";
  const own = new Set(pids.flatMap(socketsOf));
  return sockets.some((socket) => own.has(socket.inode)) ? "ours" : "foreign";
}

/** The ports that these processes listen on. */
export function portsOf(pids: readonly number[]): readonly number[] {
  if (!hasProcFiles) return [];
  const own = new Set(pids.flatMap(socketsOf));
  return [...new Set(listening().filter((socket) => own.has(socket.inode)).map((socket) => socket.port))];
}

/** A stranger who listens on a port, as `pid 4711 (nginx)`; null when it cannot be seen. */
export function strangerOn(port: number): string | null {
  if (!hasProcFiles) return null;
  const inodes = new Set(listening().filter((socket) => socket.port === port).map((socket) => socket.inode));
  const pid = readdirSync("/proc").map(Number).filter(Number.isInteger).find((other) => socketsOf(other).some((inode) => inodes.has(inode)));
  return pid === undefined ? null : `pid ${pid} (${readFileSync(`/proc/${pid}/comm`, "utf8").trim()})`;
}

/** The fourth column is the state, 0A is LISTEN; the tenth the inode (https://docs.kernel.org/networking/proc_net_tcp.html). */
const listening = (): readonly Socket[] =>
  ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) =>
    readTable(path)
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === "0A")
      .map((columns) => ({
        inode: columns[9] ?? "",
        port: Number.parseInt((columns[1] ?? "").split(":")[1] ?? "", 16),
      })),
  );

function readTable(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // A machine without IPv6 has no tcp6.
  }
}

function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const match = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`));
      return match?.[1] === undefined ? [] : [match[1]];
    });
  } catch {
    return []; // The process ended or is not ours to look into.
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // Closed meanwhile.
  }
}

function holderByLsof(port: number, pids: readonly number[]): PortHolder {
  let output: string;
  try {
    output = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"], { encoding: "utf8" });
  } catch {
    return "nobody"; // lsof exits with 1 when nobody listens.
  }
  return output.split("\n").some((line) => pids.includes(Number(line))) ? "ours" : "foreign";
}
