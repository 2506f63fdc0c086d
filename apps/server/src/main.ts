import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "@fairway/core";
import { openDaemon } from "./daemon.ts";
import { optionsFrom } from "./daemon-options.ts";
import { problemOf } from "./http/problem-of.ts";
import type { StartMessage } from "./start-daemon.ts";

/** As systemd's Restart=on-failure wants it: the next daemon goes on with everything. */
const diedOfFault = 70;
const noteWithin = 2000;

/** Tells whoever started us, when somebody waits for it. */
function tell(message: StartMessage): void {
  if (process.send && process.connected) process.send(message, () => undefined);
}

try {
  const daemon = await openDaemon(optionsFrom(process.argv.slice(2)));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void daemon.close());
  for (const event of ["uncaughtException", "unhandledRejection"] as const)
    process.once(event, (cause: unknown) => {
      console.error(cause);
      // The database may be what it dies of.
      void Promise.race([daemon.dying(cause), wait(noteWithin)]).finally(() => process.exit(diedOfFault));
    });
  tell({ ready: { pid: process.pid, url: daemon.url, lacks: daemon.lacks, firstCode: daemon.firstCode } });
  await daemon.closed;
  process.exitCode = daemon.exitCode;
} catch (thrown) {
  console.error(thrown);
  tell({ problem: { ...problemOf(thrown).problem, message: messageOf(thrown) } });
  process.exitCode = 2;
}
