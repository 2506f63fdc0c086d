import { setTimeout as wait } from "node:timers/promises";
import { FairwayError, codeOf, messageOf } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { print, printJson } from "../output/terminal.ts";

/** Services get their drain and grace; past this something hangs, and the person is told. */
const endWithin = 120_000;

/** `fairway down`: returns when the daemon's process is gone. */
export async function down(
  _args: readonly string[],
  options: GlobalOptions & { readonly keepServices?: boolean },
): Promise<void> {
  const client = await daemonClient(options).catch(withWayOut);
  const { pid } = await client.call("status", {}).catch(withWayOut);
  await client.call("shutdown", { keepServices: options.keepServices ?? false }).catch((thrown: unknown) => {
    // The daemon may be gone before its answer has arrived.
    if (codeOf(thrown) !== "daemon_not_running") throw thrown;
  });
  const deadline = Date.now() + endWithin;
  while (isAlive(pid)) {
    if (Date.now() > deadline)
      throw new FairwayError("deadline_passed", `the daemon (pid ${pid}) has not ended within ${endWithin / 1000} s`, {
        hint: "see daemon.log in the data directory",
      });
    await wait(50);
  }
  if (options.json) printJson({ ended: true });
  else
    print(
      options.keepServices
        ? "the daemon has ended; its services and router go on"
        : "the daemon, its services and its router have ended",
    );
}

/** `fairway up` is no advice for who wants an end, except when a daemon that was killed has left something. */
function withWayOut(thrown: unknown): never {
  if (codeOf(thrown) !== "daemon_not_running") throw thrown;
  throw new FairwayError("daemon_not_running", messageOf(thrown), {
    hint: "should a daemon that was killed have left services: fairway up finds them, and fairway down then ends them",
    cause: thrown,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
