import { readdirSync, readFileSync } from "node:fs";

/** How many files and sockets this process may have open, and has. Null where the system does not say. */
export interface OpenFiles {
  readonly limit: number | null;
  readonly open: number | null;
}

/** Listeners, channels, logs, certificates, health checks and what Node itself has open. */
const reserve = 200;
const fallback = 4000;

export function openFiles(): OpenFiles {
  return {
    limit: numberFrom(() => Number(/^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1])),
    open: numberFrom(() => readdirSync("/proc/self/fd").length),
  };
}

/**
 * How many clients fit under a limit on open files: each may need a second one to its service. Beyond it they are turned
 * away, which they can understand; a process without a descriptor left could not even do that.
 */
export const connectionLimitUnder = ({ limit }: OpenFiles): number =>
  limit === null ? fallback : Math.max(8, Math.floor((limit - Math.min(reserve, limit / 4)) / 2));

function numberFrom(read: () => number): number | null {
  try {
    const found = read();
    return Number.isFinite(found) ? found : null;
  } catch {
    return null; // no Linux
  }
}
