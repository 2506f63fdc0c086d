import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { limitsFrom, type Limits } from "../proxy/limits.ts";
import { accessLogArguments, accessLogFlags, accessLogFrom } from "./access-log-arguments.ts";
import type { AccessLogSettings } from "../access-log/access-log.ts";
import { addressText, isLoopback, parseAddress, type Address, type Bound } from "./address.ts";

/** Bytes of a unix socket path that the kernel takes, without the final zero. */
const longestSocketPath = 107;

/** What the router is started with. */
export interface RouterArguments {
  readonly directory: string;
  readonly publicAddress: Address;
  readonly internalAddress: Address;
  /** Where users reach the services over TLS; null when something in front ends it. */
  readonly tlsAddress: Address | null;
  /** Where the log goes; standard error when null. */
  readonly log: string | null;
  /** Null when requests are not logged. */
  readonly accessLog: AccessLogSettings | null;
  /** How many processes carry traffic. */
  readonly workers: number;
  readonly limits: Limits;
  /** As given, to be handed on to the worker. */
  readonly limitSettings: readonly string[];
  /** The sockets are inherited from a worker whose holder has died. */
  readonly takeOver: boolean;
}

export const usage =
  "router --directory DIR --public HOST:PORT --internal HOST:PORT [--public-tls HOST:PORT] [--log FILE] [--access-log FILE …] [--workers N] [--limit NAME=VALUE]…";

/** More than anyone has cores for is a slip of the pen. */
export const isWorkerCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 64;

export const controlSocketOf = (directory: string): string => resolve(directory, "router.sock");

/** Reads the command line; a string says what is wrong with it. */
export function routerArguments(argv: readonly string[]): RouterArguments | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        directory: { type: "string" },
        public: { type: "string" },
        "public-tls": { type: "string" },
        internal: { type: "string" },
        log: { type: "string" },
        limit: { type: "string", multiple: true },
        ...accessLogFlags,
        workers: { type: "string" },
        "take-over": { type: "boolean" },
      },
    }));
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\nusage: ${usage}`;
  }
  const { directory, log } = values;
  if (directory === undefined || values.public === undefined || values.internal === undefined) return `usage: ${usage}`;
  const publicAddress = parseAddress(values.public);
  if (publicAddress === undefined) return `--public "${values.public}" is not an IP address and port`;
  const internalAddress = parseAddress(values.internal);
  if (internalAddress === undefined) return `--internal "${values.internal}" is not an IP address and port`;
  if (!isLoopback(internalAddress)) return `--internal "${values.internal}" could be reached from other machines`;
  const tls = values["public-tls"];
  const tlsAddress = tls === undefined ? null : parseAddress(tls);
  if (tlsAddress === undefined) return `--public-tls "${tls}" is not an IP address and port`;
  const bytes = Buffer.byteLength(controlSocketOf(directory));
  if (bytes > longestSocketPath) {
    return `the control socket ${controlSocketOf(directory)} has ${bytes} bytes, and the system takes ${longestSocketPath}: choose a shorter --directory`;
  }
  const accessLog = accessLogFrom(values);
  if (typeof accessLog === "string") return accessLog;
  const { workers = "1" } = values;
  if (!/^\d{1,2}$/.test(workers) || !isWorkerCount(Number(workers)))
    return `--workers "${workers}" is not a number from 1 to 64`;
  const limitSettings = values.limit ?? [];
  const limits = limitsFrom(limitSettings);
  if (typeof limits === "string") return limits;
  return {
    directory: resolve(directory),
    publicAddress,
    internalAddress,
    tlsAddress,
    accessLog,
    workers: Number(workers),
    limits,
    limitSettings,
    log: log === undefined ? null : resolve(log),
    takeOver: values["take-over"] === true,
  };
}

/** The command line for another process of the same router, whose sockets are bound already. */
export function argumentsOf(router: RouterArguments, bound: Bound): readonly string[] {
  const { directory, log, limitSettings } = router;
  return [
    ...["--directory", directory],
    ...["--public", addressText(bound.public), "--internal", addressText(bound.internal)],
    ...(bound.tls === null ? [] : ["--public-tls", addressText(bound.tls)]),
    ...(log === null ? [] : ["--log", log]),
    ...(router.accessLog === null ? [] : accessLogArguments(router.accessLog)),
    ...["--workers", String(router.workers)],
    ...limitSettings.flatMap((setting) => ["--limit", setting]),
  ];
}
