import { readdirSync, readFileSync } from "node:fs";

/** How many files and sockets this process may have open, and has. Null where the system does not say. */
export interface OpenFiles {
  readonly limit: number | null;
  readonly open: number | null;
}

/** Health checks, control requests, certificates, logs, and those who are told that there is no room. */
const reserve = 180;
const mostTold = 100;
const withoutLimit: ClientRoom = { clients: 4000, told: mostTold };

/** For how many clients there is room, and how many more can be told at one time that there is none. */
export interface ClientRoom {
  readonly clients: number;
  readonly told: number;
}

export function openFiles(): OpenFiles {
  return {
    limit: numberFrom(() => Number(/^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1])),
    open: numberFrom(() => readdirSync("/proc/self/fd").length),
  };
}

/**
 * How many clients fit under a limit on open files, beside what is open at the start: each may need a second one to its
 * service. Beyond it they are turned away, which they can understand; a process without a descriptor left could not even
 * do that.
 */
export function clientRoomUnder({ limit, open }: OpenFiles): ClientRoom {
  if (limit === null) return withoutLimit;
  const free = Math.max(0, limit - (open ?? 0));
  const kept = Math.min(reserve, Math.floor(free / 3));
  return { clients: Math.max(8, Math.floor((free - kept) / 2)), told: Math.min(mostTold, Math.floor(kept / 2)) };
}

/** Whether an error says that this process, or the system, can open no more. */
export const isOutOfFiles = (code: string): boolean => code === "EMFILE" || code === "ENFILE";

function numberFrom(read: () => number): number | null {
  try {
    const found = read();
    return Number.isFinite(found) ? found : null;
  } catch {
    return null; // no Linux
  }
}
