import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { hasProcFiles } from "./process-identity.ts";
import { hasCode } from "./system-error.ts";

/** Who takes connections on a port of this machine's loopback. */
export type PortHolder = "ours" | "foreign" | "nobody";

interface Socket {
  readonly inode: string;
  readonly port: number;
}

const tables = ["/proc/net/tcp", "/proc/net/tcp6"];

/** Whether one of these processes is the one that listens on a port: a stranger's "I am well" must not count. */
export function holderOf(port: number, pids: readonly number[]): PortHolder {
  if (!hasProcFiles) return holderByLsof(port, pids);
  const own = new Set(pids.flatMap(socketsOf));
  let holder: PortHolder = "nobody";
  for (const table of tables) {
    const sockets = listeningIn(table).filter((socket) => socket.port === port);
    if (sockets.some((socket) => own.has(socket.inode))) return "ours";
    if (sockets.length > 0) holder = "foreign";
  }
  return holder;
}

/** The ports that these processes listen on. */
export function portsOf(pids: readonly number[]): readonly number[] {
  if (!hasProcFiles) return [];
  const own = new Set(pids.flatMap(socketsOf));
  return [
    ...new Set(
      listening()
        .filter((socket) => own.has(socket.inode))
        .map((socket) => socket.port),
    ),
  ];
}

/** The ports of a range that somebody listens on. */
export const listenedIn = (from: number, to: number): readonly number[] =>
  hasProcFiles
    ? [...new Set(listening().map(({ port }) => port))]
        .filter((port) => port >= from && port <= to)
        .toSorted((a, b) => a - b)
    : [];

/** A stranger who listens on a port, as `pid 4711 (nginx)`; null when it cannot be seen. */
export function strangerOn(port: number): string | null {
  if (!hasProcFiles) return null;
  const inodes = new Set(
    listening()
      .filter((socket) => socket.port === port)
      .map((socket) => socket.inode),
  );
  const pid = readdirSync("/proc")
    .map(Number)
    .filter(Number.isInteger)
    .find((other) => socketsOf(other).some((inode) => inodes.has(inode)));
  return pid === undefined ? null : `pid ${pid} (${readFileSync(`/proc/${pid}/comm`, "utf8").trim()})`;
}

/** The fourth column is the state, 0A is LISTEN; the tenth the inode (https://docs.kernel.org/networking/proc_net_tcp.html). */
const listeningIn = (table: string): readonly Socket[] =>
  linesOfListeners(table).map((columns) => ({
    inode: columns[9] ?? "",
    port: Number.parseInt((columns[1] ?? "").split(":")[1] ?? "", 16),
  }));

const listening = (): readonly Socket[] => tables.flatMap(listeningIn);

/**
 * The lines of sockets that listen. They come first, and the kernel makes the lines as they are read: after them it
 * walks a table that took 7 to 15 ms where the listeners take 0.3, so it is read a line's length at a time.
 */
function linesOfListeners(path: string): readonly (readonly string[])[] {
  const file = openOrNull(path);
  if (file === null) return [];
  const found: (readonly string[])[] = [];
  const chunk = Buffer.alloc(160);
  try {
    for (let text = "", isFirst = true; ;) {
      const read = readSync(file, chunk);
      text += chunk.toString("latin1", 0, read);
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        const columns = text.slice(0, end).trim().split(/\s+/);
        text = text.slice(end + 1);
        if (!isFirst && columns[3] !== "0A") return found;
        if (!isFirst) found.push(columns);
        isFirst = false;
      }
      if (read === 0) return found;
    }
  } finally {
    closeSync(file);
  }
}

function openOrNull(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch (thrown) {
    // A machine without IPv6 has no tcp6.
    if (hasCode(thrown, "ENOENT")) return null;
    throw thrown;
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
