import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { codeOf, FairwayError, type Millis } from "@fairway/core";
import { localRouter, type RouterCertificate, type RouterStatus } from "./local-router.ts";
import { portOwner } from "./port-owner.ts";
import { askRouter } from "./router-control.ts";

export interface EnsureRouterOptions {
  /** The router's own directory: control socket and table. Its path must be short, as a unix socket's is limited. */
  readonly directory: string;
  /** `0.0.0.0:8080`; port 0 takes any. */
  readonly publicAddress: string;
  /** On loopback; port 0 takes any. */
  readonly internalAddress: string;
  /** Where TLS is ended, with the certificates listed in `certificates.json` in the directory. Nowhere when left out. */
  readonly tlsAddress?: string;
  /** The router's `dist/main.js`. */
  readonly program: string;
  /** Where it writes its log; nowhere when left out. */
  readonly log?: string;
  /** Where requests are logged, and what part of those that went well, from 0 to 1; nowhere when left out. */
  readonly accessLog?: { readonly file: string; readonly sample?: number };
  /** How many processes carry traffic; one when left out. */
  readonly workers?: number;
  /** Its limits by name, where they should differ from its defaults. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** Which files prove that this machine is a host: a name, `*.` and a name, or `*` for all others. Paths are absolute. */
export interface CertificateFiles {
  readonly host: string;
  readonly certificate: string;
  readonly key: string;
}

/** What may change of a router that runs. What is left out stays as it is. */
export interface RouterSettings {
  readonly workers?: number;
  /** Null ends it. */
  readonly accessLog?: { readonly file: string; readonly sample?: number } | null;
}

/** The router of a directory as a process that outlives whoever started it. */
export interface RouterProcess {
  readonly directory: string;
  /** Throws `router_unavailable` when it does not run. */
  status(): Promise<RouterStatus>;
  /**
   * Replaces the workers with the code now on disk and these settings, without a failed request. Returns the pid of the
   * one that leads.
   */
  upgrade(settings?: RouterSettings): Promise<{ readonly worker: number }>;
  /** Reads the certificates again. Throws `bad_request` with every problem, and then has changed nothing. */
  reload(): Promise<{ readonly certificates: readonly RouterCertificate[] }>;
  /** Replaces the list of certificates; else as `reload`. */
  certify(certificates: readonly CertificateFiles[]): Promise<{ readonly certificates: readonly RouterCertificate[] }>;
  /** Ends it once open requests are answered, and returns when it is gone. Does nothing when it does not run. */
  stop(): Promise<void>;
}

/** A router that runs, and whether it ran before. */
export interface EnsuredRouter extends RouterProcess {
  readonly found: "running" | "not running";
  readonly publicAddress: string;
  readonly internalAddress: string;
}

const startWithin: Millis = 20_000;
const upgradeWithin: Millis = 20_000;
const stopWithin: Millis = 20_000;
const lookEvery: Millis = 20;

/** The router of a directory, whether or not it runs. */
export function routerProcess(directory: string): RouterProcess {
  return {
    directory,
    status: () => localRouter({ directory }).status(),
    upgrade: async (body = {}) => {
      const answer = await askRouter(directory, { method: "POST", path: "/upgrade", body, within: upgradeWithin });
      return answer as { worker: number };
    },
    reload: async () => {
      const answer = await askRouter(directory, { method: "POST", path: "/reload" });
      return answer as { certificates: readonly RouterCertificate[] };
    },
    certify: async (certificates) => {
      const answer = await askRouter(directory, { method: "PUT", path: "/certificates", body: { certificates } });
      return answer as { certificates: readonly RouterCertificate[] };
    },
    stop: () => stop(directory),
  };
}

/**
 * Adopts the router that runs in the directory and gives it these settings, or starts one. Throws `port_in_use` when another
 * process has a port.
 */
export async function ensureRouter(options: EnsureRouterOptions): Promise<EnsuredRouter> {
  const running = await adopt(options);
  if (running !== null) return running;
  const said = await start(options);
  if (said.kind === "serving") {
    const { public: publicAddress, internal: internalAddress } = said;
    return { ...routerProcess(options.directory), found: "not running", publicAddress, internalAddress };
  }
  // Somebody else may be starting it at this moment, and was first.
  const deadline = performance.now() + (said.code === "already_running" ? startWithin : 0);
  while (performance.now() < deadline) {
    const other = await adopt(options);
    if (other !== null) return other;
    await wait(lookEvery);
  }
  throw await startError(said, options);
}

async function adopt(options: EnsureRouterOptions): Promise<EnsuredRouter | null> {
  const { directory, publicAddress, internalAddress, tlsAddress } = options;
  let status: RouterStatus;
  try {
    status = await routerProcess(directory).status();
  } catch (error) {
    if (codeOf(error) === "router_unavailable") return null;
    throw error;
  }
  for (const [asked, has] of [
    [publicAddress, status.public],
    [internalAddress, status.internal],
    [tlsAddress ?? null, status.publicTls ?? null],
  ] as const) {
    if (sameAddress(asked, has)) continue;
    const [listens, wanted] = [has ?? "no TLS port", asked ?? "no TLS port"];
    throw new FairwayError("not_allowed_now", `the router in ${directory} listens on ${listens}, not on ${wanted}`, {
      hint: "stop it first: a router cannot change its addresses while it runs",
    });
  }
  const settings = changesOf(options, status);
  if (Object.keys(settings).length > 0) await routerProcess(directory).upgrade(settings);
  return {
    ...routerProcess(directory),
    found: "running",
    publicAddress: status.public,
    internalAddress: status.internal,
  };
}

/** What a router that runs must be told to be as it would be started. */
function changesOf({ workers = 1, accessLog }: EnsureRouterOptions, has: RouterStatus): RouterSettings {
  const named = (log: RouterSettings["accessLog"]): string =>
    log === null || log === undefined ? "none" : `${(log.sample ?? 1).toFixed(6)} to ${log.file}`;
  return {
    ...(has.workers === workers ? {} : { workers }),
    ...(named(has.accessLog) === named(accessLog) ? {} : { accessLog: accessLog ?? null }),
  };
}

const sameAddress = (asked: string | null, has: string | null): boolean => {
  if (asked === null || has === null) return asked === has;
  const named = asked.replace(/^localhost:/, "127.0.0.1:");
  return named === has || (named.endsWith(":0") && has.startsWith(named.slice(0, -1)));
};

type StartMessage =
  | { readonly kind: "serving"; readonly pid: number; readonly public: string; readonly internal: string }
  | { readonly kind: "failed"; readonly code: string; readonly message: string; readonly port?: number };

/** Starts it in a session of its own, with nothing of this process's environment but the path to programs. */
async function start(options: EnsureRouterOptions): Promise<StartMessage> {
  const {
    directory,
    publicAddress,
    internalAddress,
    tlsAddress,
    program,
    log,
    accessLog,
    workers,
    limits = {},
  } = options;
  const argv = ["--directory", directory, "--public", publicAddress, "--internal", internalAddress];
  if (tlsAddress !== undefined) argv.push("--public-tls", tlsAddress);
  if (log !== undefined) argv.push("--log", log);
  if (accessLog !== undefined) {
    argv.push("--access-log", accessLog.file, "--access-log-sample", (accessLog.sample ?? 1).toFixed(6));
  }
  if (workers !== undefined) argv.push("--workers", String(workers));
  for (const [name, value] of Object.entries(limits)) argv.push("--limit", `${name}=${value}`);
  const child = spawn(process.execPath, [program, ...argv], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { PATH: process.env["PATH"] ?? "" },
  });
  const said = await firstMessage(child);
  child.unref();
  if (child.connected) child.disconnect();
  return said;
}

function firstMessage(child: ChildProcess): Promise<StartMessage> {
  return new Promise((tell) => {
    const fail = (why: string): void =>
      tell({ kind: "failed", code: "internal", message: `the router did not start: ${why}` });
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      tell({ kind: "failed", code: "deadline_passed", message: `it said nothing in ${startWithin} ms` });
    }, startWithin);
    child.once("message", (message) => {
      clearTimeout(late);
      tell(message as StartMessage);
    });
    child.once("close", () => clearTimeout(late));
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => fail(`it ended with ${signal ?? `exit code ${code}`}`));
  });
}

async function startError(
  said: StartMessage & { kind: "failed" },
  options: EnsureRouterOptions,
): Promise<FairwayError> {
  const { directory, log } = options;
  const message = `could not start the router of ${directory}: ${said.message}`;
  if (said.code !== "port_in_use") {
    const hint = log === undefined ? undefined : `see ${log}`;
    return new FairwayError(codeOf(said) ?? "not_allowed_now", message, { hint });
  }
  const owner = said.port === undefined ? null : await portOwner(said.port);
  const by = owner === null ? "another process" : `process ${owner}`;
  return new FairwayError(
    "port_in_use",
    `could not start the router of ${directory}: port ${said.port} is taken by ${by}`,
    {
      hint: owner === null ? "choose another port" : `end process ${owner}, or choose another port`,
    },
  );
}

async function stop(directory: string): Promise<void> {
  let status: RouterStatus;
  try {
    status = await routerProcess(directory).status();
    await askRouter(directory, { method: "POST", path: "/shutdown" });
  } catch (error) {
    if (codeOf(error) === "router_unavailable") return;
    throw error;
  }
  const pid = status.pid.holder ?? status.pid.worker;
  const deadline = performance.now() + stopWithin;
  while (isAlive(pid)) {
    if (performance.now() > deadline) {
      throw new FairwayError(
        "deadline_passed",
        `the router in ${directory} (process ${pid}) did not end in ${stopWithin} ms`,
      );
    }
    await wait(lookEvery);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
}
