import { spawn } from "node:child_process";
import { createServer, type AddressInfo, type Server } from "node:net";
import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { codeOf, FairwayError, messageOf, type Millis } from "@fairway/core";
import { answering, placeOf, reload, trafficOf } from "./haproxy/apply-table.ts";
import { configText, structureOf } from "./haproxy/config-text.ts";
import { processesOf } from "./haproxy/master-cli.ts";
import {
  filesIn,
  readState,
  readTable,
  writeWhole,
  type HaproxyFiles,
  type HaproxyState,
} from "./haproxy/state-files.ts";
import { asOnlyWriter } from "./haproxy/writer-lock.ts";
import { bringToTable, haproxyRouter, type HaproxyStatus } from "./haproxy-router.ts";
import { portOwner } from "./port-owner.ts";
import { identityOf, isRunning } from "./process-host/process-identity.ts";
import { hasCode } from "./process-host/system-error.ts";

export interface EnsureHaproxyOptions {
  /** Its own directory: configuration, sockets and table. Its path must be short, as a unix socket's is limited. */
  readonly directory: string;
  /** `0.0.0.0:8080`; port 0 takes any. */
  readonly publicAddress: string;
  /** On loopback; port 0 takes any. */
  readonly internalAddress: string;
  /** `haproxy` on the path to programs, unless told otherwise. */
  readonly program?: string;
  /** How often to look whether it still runs, and start it again if not. */
  readonly lookEvery?: Millis;
  readonly onTrouble?: (problem: string) => void;
}

/** A HAProxy that runs, outlives whoever started it, and is started again when it dies as long as we look after it. */
export interface EnsuredHaproxy {
  readonly directory: string;
  readonly found: "running" | "not running";
  readonly publicAddress: string;
  readonly internalAddress: string;
  /** Throws `router_unavailable` when it does not run. */
  status(): Promise<HaproxyStatus>;
  /** Has the program now on disk take over, without a failed request. Returns the new worker's pid. */
  upgrade(): Promise<{ readonly worker: number }>;
  /** Ends it once open requests are answered, and returns when it is gone. Does nothing when it does not run. */
  stop(): Promise<void>;
  /** Looks after it no longer; it goes on. */
  close(): void;
}

const startWithin: Millis = 10_000;
const stopWithin: Millis = 10_000;
const pollEvery: Millis = 20;
const defaultLookEvery: Millis = 500;
/** The kernel takes 107 bytes of a socket's path, and HAProxy binds to a longer name first and renames it. */
const longestSocketPath = 94;

/** Adopts the HAProxy of the directory, or starts one with the table of before. Throws `port_in_use` like `ensureRouter`. */
export async function ensureHaproxy(options: EnsureHaproxyOptions): Promise<EnsuredHaproxy> {
  const { directory, lookEvery = defaultLookEvery, onTrouble } = options;
  const files = filesIn(directory);
  await prepare(directory, files);
  const { found, state } = await asOnlyWriter(directory, () => adoptOrStart(options, files));
  const addresses = { publicAddress: state.publicAddress, internalAddress: state.internalAddress };

  let reviving: Promise<unknown> | undefined;
  const watch = setInterval(() => {
    reviving ??= revive({ ...options, ...addresses }, files)
      .catch((thrown: unknown) => onTrouble?.(messageOf(thrown)))
      .finally(() => (reviving = undefined));
  }, lookEvery).unref();

  return {
    directory,
    found,
    ...addresses,
    status: () => haproxyRouter({ directory }).status(),
    upgrade: () =>
      asOnlyWriter(directory, async () => {
        const { workers } = await reload(files);
        return { worker: workers.find(({ age }) => age === "current")?.pid ?? 0 };
      }),
    async stop() {
      clearInterval(watch);
      await reviving;
      await asOnlyWriter(directory, () => stop(directory, files));
    },
    close: () => clearInterval(watch),
  };
}

/** Ends the HAProxy of a directory once open requests are answered; false when none runs. May be repeated. */
export async function stopHaproxy(directory: string): Promise<boolean> {
  const files = filesIn(directory);
  const state = await readState(files);
  if (state === null || !isRunning(state.master)) return false;
  await asOnlyWriter(directory, () => stop(directory, files));
  return true;
}

interface Found {
  readonly found: EnsuredHaproxy["found"];
  readonly state: HaproxyState;
}

async function prepare(directory: string, { handover }: HaproxyFiles): Promise<void> {
  if (Buffer.byteLength(handover.internal) > longestSocketPath) {
    throw new FairwayError(
      "bad_request",
      `${handover.internal} is longer than the ${longestSocketPath} bytes a socket may have`,
    );
  }
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new FairwayError("data_directory_unusable", `cannot make HAProxy's directory ${directory}`, { cause });
  });
}

async function adoptOrStart(options: EnsureHaproxyOptions, files: HaproxyFiles): Promise<Found> {
  const state = await readState(files);
  if (state === null || !isRunning(state.master)) return { found: "not running", state: await start(options, files) };
  for (const [asked, has] of [
    [options.publicAddress, state.publicAddress],
    [options.internalAddress, state.internalAddress],
  ] as const) {
    if (sameAddress(asked, has)) continue;
    throw new FairwayError(
      "not_allowed_now",
      `the HAProxy in ${options.directory} listens on ${has}, not on ${asked}`,
      {
        hint: "stop it first: its addresses do not change while it runs",
      },
    );
  }
  await bringToTable(files);
  return { found: "running", state };
}

const sameAddress = (asked: string, has: string): boolean => {
  const named = asked.replace(/^localhost:/, "127.0.0.1:");
  return named === has || (named.endsWith(":0") && has.startsWith(named.slice(0, -1)));
};

async function revive(options: EnsureHaproxyOptions, files: HaproxyFiles): Promise<void> {
  const state = await readState(files);
  if (state === null || isRunning(state.master)) return;
  await asOnlyWriter(options.directory, () => adoptOrStart(options, files));
}

/** Starts it in a session of its own, with nothing of this process's environment but the path to programs. */
async function start(options: EnsureHaproxyOptions, files: HaproxyFiles): Promise<HaproxyState> {
  const { directory, program = "haproxy" } = options;
  const [publicAddress, internalAddress] = await withPorts([options.publicAddress, options.internalAddress]);
  const place = placeOf(files, { publicAddress, internalAddress });
  const table = await readTable(files);
  await writeWhole(files.config, configText(table, place));
  // Left by one that was killed, whose sockets nobody serves.
  for (const socket of [files.masterSocket, files.statsSocket, ...Object.values(files.handover)])
    await rm(socket, { force: true });
  const logPath = join(directory, "haproxy.log");
  const log = await open(logPath, "a", 0o600);
  const from = (await stat(logPath)).size;
  const child = spawn(program, ["-W", "-db", "-f", files.config, "-S", `${files.masterSocket},level,admin,mode,600`], {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    env: { PATH: process.env["PATH"] ?? "" },
  });
  const ended = new Promise<string>((tell) => {
    child.once("error", (error) => tell(hasCode(error, "ENOENT") ? `${program} is not installed` : error.message));
    child.once("exit", (code, signal) => tell(`it ended with ${signal ?? `exit code ${code}`}`));
  });
  child.unref();
  await log.close();
  const why = await Promise.race([ended, untilAnswers(files)]);
  const master = child.pid === undefined ? null : identityOf(child.pid);
  if (why !== null || master === null) {
    child.kill("SIGKILL");
    throw await startError(directory, place, why ?? "it ended at once", (await readFile(logPath, "utf8")).slice(from));
  }
  const since = new Date().toISOString();
  const state = {
    master,
    since,
    publicAddress,
    internalAddress,
    applied: table.version,
    structure: structureOf(table, place),
  };
  await writeWhole(files.state, JSON.stringify(state satisfies HaproxyState));
  return state;
}

async function untilAnswers(files: HaproxyFiles): Promise<string | null> {
  const deadline = performance.now() + startWithin;
  while (performance.now() < deadline) {
    if ((await answering(files.masterSocket)) !== null) return null;
    await wait(pollEvery);
  }
  return `it did not answer in ${startWithin} ms`;
}

async function startError(
  directory: string,
  addresses: { readonly publicAddress: string; readonly internalAddress: string },
  why: string,
  log: string,
): Promise<FairwayError> {
  const taken = [addresses.publicAddress, addresses.internalAddress].find(
    (address) => /cannot bind|Address already in use/i.test(log) && log.includes(`[${address}]`),
  );
  const said = log
    .split("\n")
    .filter((line) => line.startsWith("[ALERT]"))
    .join("\n");
  const message = `could not start the HAProxy of ${directory}: ${why}${said === "" ? "" : `\n${said}`}`;
  if (taken === undefined) {
    return new FairwayError("not_allowed_now", message, { hint: "see haproxy.log beside its configuration" });
  }
  const port = Number(taken.slice(taken.lastIndexOf(":") + 1));
  const owner = await portOwner(port);
  const by = owner === null ? "another process" : `process ${owner}`;
  return new FairwayError(
    "port_in_use",
    `could not start the HAProxy of ${directory}: port ${port} is taken by ${by}`,
    {
      hint: owner === null ? "choose another port" : `end process ${owner}, or choose another port`,
    },
  );
}

/** The addresses with each port 0 replaced by a free one. HAProxy would take one too, but tell nobody. */
async function withPorts(addresses: readonly [string, string]): Promise<readonly [string, string]> {
  const probes: Server[] = [];
  const withPort = async (address: string): Promise<string> => {
    const named = address.replace(/^localhost:/, "127.0.0.1:");
    if (!named.endsWith(":0")) return named;
    const host = named.slice(0, -2);
    const probe = createServer();
    probes.push(probe);
    await new Promise<void>((listening, failed) => {
      probe.once("error", failed);
      probe.listen(0, host.replace(/^\[|\]$/g, ""), listening);
    });
    return `${host}:${(probe.address() as AddressInfo).port}`;
  };
  try {
    return [await withPort(addresses[0]), await withPort(addresses[1])];
  } finally {
    for (const probe of probes) await new Promise((closed) => probe.close(closed));
  }
}

/** Lets what is open be answered, then ends it: by itself it would wait for every kept connection. */
async function stop(directory: string, files: HaproxyFiles): Promise<void> {
  const state = await readState(files);
  if (state === null || !isRunning(state.master)) return;
  const deadline = performance.now() + stopWithin;
  signal(state.master.pid, "SIGUSR1");
  const isThere = (): boolean => isRunning(state.master);
  while (performance.now() < deadline && (await openRequests(files, isThere)) > 0) await wait(pollEvery);
  signal(state.master.pid, "SIGTERM");
  while (isRunning(state.master)) {
    if (performance.now() > deadline + stopWithin) {
      throw new FairwayError(
        "deadline_passed",
        `the HAProxy in ${directory} (process ${state.master.pid}) did not end in ${2 * stopWithin} ms`,
      );
    }
    await wait(pollEvery);
  }
}

async function openRequests({ masterSocket }: HaproxyFiles, isThere: () => boolean): Promise<number> {
  try {
    const { workers } = await processesOf(masterSocket, isThere);
    const traffic = await Promise.all(workers.map(({ pid }) => trafficOf(masterSocket, pid, isThere)));
    return traffic.flat().reduce((sum, { count }) => sum + count, 0);
  } catch (thrown) {
    if (codeOf(thrown) === "router_unavailable") return 0; // It is gone.
    throw thrown;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (thrown) {
    if (!hasCode(thrown, "ESRCH")) throw thrown;
  }
}
