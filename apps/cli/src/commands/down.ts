import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "@fairway/api";
import { FairwayError, codeOf } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, dataDirectoryOf } from "../context.ts";
import { print, printJson } from "../output/terminal.ts";

/** Services get their drain and grace; past this something hangs, and the person is told. */
const endWithin = 120_000;

interface DownOptions extends GlobalOptions {
  readonly keepServices?: boolean;
}

/** `fairway down`: returns when the daemon's process is gone. Of one that was killed it ends what was left. */
export async function down(_args: readonly string[], options: DownOptions): Promise<void> {
  const daemon = await daemonNow(options).catch((thrown: unknown) => {
    if (codeOf(thrown) !== "daemon_not_running" || options.keepServices) throw withoutAdvice(thrown);
    return thrown;
  });
  if (!isDaemon(daemon)) return endLeft(options, daemon);
  const { client, pid } = daemon;
  await client.call("shutdown", { keepServices: options.keepServices ?? false }).catch((thrown: unknown) => {
    // The daemon may be gone before its answer has arrived.
    if (codeOf(thrown) !== "daemon_not_running") throw thrown;
  });
  const deadline = Date.now() + endWithin;
  while (isAlive(pid)) {
    if (Date.now() > deadline)
      throw new FairwayError("deadline_passed", `the daemon (pid ${pid}) has not ended within ${endWithin / 1000} s`, {
        hint: `see daemon.log in the data directory; kill -9 ${pid} ends it, and fairway down then what it leaves`,
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

interface DaemonNow {
  readonly client: Client;
  readonly pid: number;
}

const isDaemon = (found: unknown): found is DaemonNow => typeof found === "object" && found !== null && "pid" in found;

async function daemonNow(options: GlobalOptions): Promise<DaemonNow> {
  const client = await daemonClient(options);
  const { pid } = await client.call("status", {});
  return { client, pid };
}

/** Throws what was found in place of a daemon when there is nothing to end. */
async function endLeft(options: GlobalOptions, instead: unknown): Promise<void> {
  // Only when it comes to that: a daemon that lives is ended by its client alone.
  const { endLeftovers } = await import("@fairway/server");
  const { router, replicas, database } = await endLeftovers(await dataDirectoryOf(options));
  const ended = [
    ...(router ? ["its router"] : []),
    ...(replicas > 0 ? [`${replicas} replica${replicas === 1 ? "" : "s"}`] : []),
    ...(database ? ["its database"] : []),
  ];
  if (ended.length === 0) throw withoutAdvice(instead);
  if (options.json) printJson({ ended: true, left: { router, replicas, database } });
  else print(`no daemon ran; ended what one that was killed had left: ${ended.join(", ")}`);
}

/** `fairway up` is no advice for who wants an end. */
function withoutAdvice(thrown: unknown): unknown {
  if (codeOf(thrown) !== "daemon_not_running" || !(thrown instanceof Error)) return thrown;
  return new FairwayError("daemon_not_running", thrown.message, { cause: thrown });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
