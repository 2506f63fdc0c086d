import { resolve } from "node:path";
import { formatProblem, loadProject } from "@fairway/config";
import { FairwayError } from "@fairway/core";
import type { DaemonOptions, Remembered, WrittenDaemonOptions } from "@fairway/server";
import {
  daemonOptions,
  findDaemon,
  flagsOf,
  openDaemon,
  rememberedOptions,
  startDaemon,
  usualOptions,
  withFreePorts,
} from "@fairway/server";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, dataDirectoryOf, repositoryHere } from "../context.ts";
import { table } from "../output/table.ts";
import { markOf, print, printJson } from "../output/terminal.ts";

interface UpOptions extends GlobalOptions, Omit<WrittenDaemonOptions, "dataDirectory" | "repository" | "host"> {
  readonly foreground?: boolean;
}

/** `fairway up`: reads the configuration first, so that its problems are told here and not in a log. */
export async function up(_args: readonly string[], options: UpOptions): Promise<void> {
  const repository = resolve(await repositoryHere());
  const dataDirectory = await dataDirectoryOf(options);
  const before = await rememberedOptions(dataDirectory);
  const running = await findDaemon(dataDirectory);
  // Nothing is remembered at the first start.
  const first = before === usualOptions && running === null;
  const wanted = first ? await withFreePorts(options, options.routerHost ?? usualOptions.routerHost) : options;
  const asked = daemonOptions({ ...wanted, dataDirectory, repository, host: "127.0.0.1" }, before);
  if (running) {
    await change(asked, before, options);
    return tell(running, dataDirectory, options, "runs already");
  }
  await assertConfiguration(repository);
  if (!options.foreground) return tell(await startDaemon(asked), dataDirectory, options, "started", asked);
  const daemon = await openDaemon(asked);
  let interrupted = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      interrupted = true;
      void daemon.close();
    });
  tell(
    { pid: process.pid, url: daemon.url, lacks: daemon.lacks, firstCode: daemon.firstCode },
    dataDirectory,
    options,
    "started",
    asked,
  );
  await daemon.closed;
  if (interrupted && !options.json)
    print("the daemon has ended; its services, router and database go on\n→ to end them too: fairway down");
}

/** `fairway config options`. */
export async function options(_args: readonly string[], globals: GlobalOptions): Promise<void> {
  const [said, usual] = [flagsOf(await rememberedOptions(await dataDirectoryOf(globals))), flagsOf(usualOptions)];
  const all = [...said].map(([option, value]) => ({
    option,
    value,
    from: usual.get(option) === value ? "default" : "fairway up",
  }));
  if (globals.json) return printJson(all);
  for (const line of table(
    ["option", "value", "from"],
    all.map(({ option, value, from }) => [option, value, from]),
  ))
    print(line);
}

/** What another daemon may have while services and router go on. */
const ofDaemonAlone: ReadonlySet<string> = new Set([
  ...["--port", "--cache-limit", "--container-engine", "--steps-user", "--allow-private"],
]);

/** What a daemon that runs can be told anew: its router takes workers and the log over without a failed request. */
async function change(asked: DaemonOptions, before: Remembered, globals: GlobalOptions): Promise<void> {
  const [wanted, has] = [flagsOf(asked), flagsOf(before)];
  const changed = [...new Set([...wanted.keys(), ...has.keys()])].filter((flag) => wanted.get(flag) !== has.get(flag));
  const fixed = changed.filter((flag) => flag !== "--router-workers" && flag !== "--access-log");
  if (fixed.length > 0)
    throw new FairwayError("not_allowed_now", `the daemon runs already, and ${fixed.join(" and ")} cannot be changed`, {
      hint: `end it first: fairway down${fixed.every((flag) => ofDaemonAlone.has(flag)) ? " --keep-services" : ""}`,
    });
  if (changed.length === 0) return;
  const { routerWorkers = 1, accessLogSample = null } = asked;
  await (
    await daemonClient(globals)
  ).call("routerUpgrade", {
    ...(changed.includes("--router-workers") ? { workers: routerWorkers } : {}),
    ...(changed.includes("--access-log") ? { accessLogSample } : {}),
  });
  if (!globals.json) print(`the router has taken ${changed.join(" and ")}; no request failed`);
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

function tell(
  daemon: {
    readonly pid: number;
    readonly url: string;
    readonly lacks?: readonly string[];
    readonly firstCode?: string | null;
  },
  dataDirectory: string,
  globals: GlobalOptions,
  what: string,
  told?: Remembered,
): void {
  if (globals.json) return printJson({ ...daemon, dataDirectory });
  print(`the daemon ${what}: ${daemon.url} (pid ${daemon.pid})`);
  const usual = flagsOf(usualOptions);
  const unusual = told === undefined ? [] : [...flagsOf(told)].filter(([flag, value]) => usual.get(flag) !== value);
  if (unusual.length > 0)
    print(`with ${unusual.map((words) => words.join(" ").trim()).join(" ")}, as the next time too`);
  print(`it keeps everything in ${dataDirectory}`);
  for (const lack of daemon.lacks ?? []) print(`${markOf("errored")} ${lack}`);
  if (typeof daemon.firstCode === "string")
    print(
      `→ become its first administrator within 15 minutes with the code ${daemon.firstCode}: fairway login --first --user <name>`,
    );
  print("→ make a release of the last commit: fairway release");
}
