import { resolve } from "node:path";
import { formatProblem, loadProject } from "@fairway/config";
import { FairwayError } from "@fairway/core";
import type { WrittenDaemonOptions } from "@fairway/server";
import { daemonOptions, findDaemon, openDaemon, startDaemon } from "@fairway/server";
import type { GlobalOptions } from "../context.ts";
import { dataDirectoryOf, repositoryHere } from "../context.ts";
import { markOf, print, printJson } from "../output/terminal.ts";

interface UpOptions extends GlobalOptions, Omit<WrittenDaemonOptions, "dataDirectory" | "repository" | "host"> {
  readonly foreground?: boolean;
}

/** `fairway up`: reads the configuration first, so that its problems are told here and not in a log. */
export async function up(_args: readonly string[], options: UpOptions): Promise<void> {
  const repository = await repositoryHere();
  const dataDirectory = await dataDirectoryOf(options);
  const running = await findDaemon(dataDirectory);
  if (running) return tell(running, dataDirectory, options, "runs already");
  await assertConfiguration(repository);
  const asked = daemonOptions({ ...options, dataDirectory, repository: resolve(repository), host: "127.0.0.1" });
  if (!options.foreground) return tell(await startDaemon(asked), dataDirectory, options, "started");
  const daemon = await openDaemon(asked);
  let interrupted = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      interrupted = true;
      void daemon.close();
    });
  tell({ pid: process.pid, url: daemon.url, lacks: daemon.lacks }, dataDirectory, options, "started");
  await daemon.closed;
  if (interrupted && !options.json)
    print(
      "the daemon has ended; its services, router and database go on\n→ to end them too: fairway up, then fairway down",
    );
}

async function assertConfiguration(repository: string): Promise<void> {
  const loaded = await loadProject(repository);
  if (loaded.ok) return;
  const count = loaded.problems.length;
  throw new FairwayError("config_invalid", `the configuration has ${count} problem${count === 1 ? "" : "s"}`, {
    problems: loaded.problems.map(formatProblem),
    hint: "nothing was started",
  });
}

interface Told {
  readonly pid: number;
  readonly url: string;
  readonly lacks?: readonly string[];
}

function tell(daemon: Told, dataDirectory: string, options: GlobalOptions, what: string): void {
  if (options.json) return printJson({ ...daemon, dataDirectory });
  print(`the daemon ${what}: ${daemon.url} (pid ${daemon.pid})`);
  print(`it keeps everything in ${dataDirectory}`);
  for (const lack of daemon.lacks ?? []) print(`${markOf("errored")} ${lack}`);
  print("→ make a release of the last commit: fairway release");
}
