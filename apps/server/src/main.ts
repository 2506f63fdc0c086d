import { messageOf } from "@fairway/core";
import { openDaemon } from "./daemon.ts";
import { optionsFrom } from "./daemon-options.ts";
import { problemOf } from "./http/problem-of.ts";
import type { StartMessage } from "./start-daemon.ts";

/** Tells whoever started us, when somebody waits for it. */
function tell(message: StartMessage): void {
  if (process.send && process.connected) process.send(message, () => undefined);
}

try {
  const daemon = await openDaemon(optionsFrom(process.argv.slice(2)));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void daemon.close());
  tell({ ready: { pid: process.pid, url: daemon.url } });
  await daemon.closed;
  process.exitCode = daemon.exitCode;
} catch (thrown) {
  console.error(thrown);
  tell({ problem: { ...problemOf(thrown).problem, message: messageOf(thrown) } });
  process.exitCode = 2;
}
