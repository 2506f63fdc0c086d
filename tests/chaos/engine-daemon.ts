import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

/** What a daemon under test says. */
export interface Said {
  readonly at: number;
  readonly open?: string;
  readonly acknowledged?: string;
  readonly started?: string;
  readonly did?: string;
  readonly attempt?: string;
  readonly drained?: boolean;
  readonly lost?: string;
  readonly message?: string;
}

/** A process that runs an engine, to be killed. */
export interface Daemon {
  readonly child: ChildProcess;
  readonly said: readonly Said[];
  readonly startedAt: number;
  /** The first thing said, already or from now on, that fits. */
  hears(fits: (said: Said) => boolean): Promise<Said>;
  tell(message: object): void;
  /** Resolves when its engine is open. */
  opened(): Promise<void>;
  /** Carries every run that there is to its end, saying yes where one waits for that. */
  drain(): Promise<void>;
  /** Ends it with a signal, and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  readonly gone: Promise<number | null>;
}

/** Starts the built engine in a process of its own. */
export function startDaemon(options: object): Daemon {
  const child = fork(join(import.meta.dirname, "engine-worker.mjs"), [JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    execArgv: [],
  });
  const said: Said[] = [];
  const waiting = new Set<() => void>();
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on("line", (line) => {
    said.push(JSON.parse(line) as Said);
    for (const look of waiting) look();
  });
  const gone = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const daemon: Daemon = {
    child,
    said,
    startedAt: Date.now(),
    gone,
    hears: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = said.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void gone.then((code) =>
          reject(new Error(`the daemon ended with ${code} before it said that: ${JSON.stringify(said.at(-1))}`)),
        );
      }),
    tell: (message) => void child.send(message),
    opened: async () => void (await daemon.hears(({ open }) => open !== undefined)),
    async drain() {
      daemon.tell({ drain: true });
      await daemon.hears(({ drained }) => drained === true);
    },
    async end(signal) {
      child.kill(signal);
      await gone;
    },
  };
  return daemon;
}
