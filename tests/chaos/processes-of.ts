import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that has to do with a folder. */
export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
  /** The folder of the replica that it is part of, or null. */
  readonly replica: string | null;
}

/** Every process that has a folder in its command line, its environment or as its working directory. */
export function processesOf(folder: string): readonly FoundProcess[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .flatMap((pid) => {
      const environment = read(() => readFileSync(`/proc/${pid}/environ`, "utf8"));
      const command = read(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
      const directory = read(() => readlinkSync(`/proc/${pid}/cwd`));
      if (![environment, command, directory].some((text) => text.includes(folder))) return [];
      const replica = /(?:^|\0)FAIRWAY_REPLICA_HOME=([^\0]+)/.exec(environment)?.[1] ?? null;
      return [{ pid, command, replica }];
    });
}

function read(of: () => string): string {
  try {
    return of();
  } catch {
    return ""; // It has ended, or belongs to someone else.
  }
}
