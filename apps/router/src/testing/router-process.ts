import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import type { RouterSum } from "../control/router-status.ts";
import { atEnd } from "./cleanup.ts";

/** What the built router's status says, as far as tests look at it. */
export type TestStatus = RouterSum & {
  readonly workers: number;
  readonly accessLog: { readonly file: string; readonly sample: number } | null;
  readonly pid: { readonly holder: number | null; readonly worker: number };
};

/** An answer of the control socket. */
export interface ControlReply {
  readonly status: number;
  readonly body: unknown;
}

/** A router as a process of its own, as it is in production. */
export interface TestRouter {
  readonly directory: string;
  readonly port: number;
  readonly internalPort: number;
  /** NaN without a TLS listener. */
  readonly tlsPort: number;
  readonly process: ChildProcess;
  control(method: string, path: string, body?: unknown): Promise<ControlReply>;
  status(): Promise<TestStatus>;
  /** The first status that is so; asked again while no worker answers. */
  until(condition: (status: TestStatus) => boolean): Promise<TestStatus>;
  /** Stops it and waits for its end. */
  stop(): Promise<void>;
}

export const builtRouter: string = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "fairway-router-"));
  atEnd(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** What the router said when it was started: `serving`, or why not. */
export type StartReply =
  | {
      readonly kind: "serving";
      readonly public: string;
      readonly internal: string;
      readonly publicTls: string | null;
      readonly process: ChildProcess;
    }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

export async function startReply(
  argv: readonly string[],
  program: string = builtRouter,
  openFiles?: number,
): Promise<StartReply> {
  const limited = openFiles === undefined ? [] : ["prlimit", `--nofile=${openFiles}:${openFiles}`];
  const [command = "", ...args] = [...limited, process.execPath, program, ...argv];
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  const exited = new Promise((gone) => child.once("exit", gone));
  atEnd(async () => {
    child.kill("SIGTERM");
    await exited;
  });
  return new Promise((tell, failed) => {
    child.once("message", (message) => tell({ ...(message as StartReply), process: child } as StartReply));
    child.once("exit", (code) => failed(new Error(`the router ended with ${code} before it said anything`)));
  });
}

export async function testRouter(
  options: {
    directory?: string;
    port?: number;
    program?: string;
    limits?: Readonly<Record<string, number>>;
    tls?: boolean;
    flags?: readonly string[];
    openFiles?: number;
  } = {},
): Promise<TestRouter> {
  const { directory = temporaryDirectory(), port = 0, limits = {}, tls = false, flags = [], openFiles } = options;
  const settings = Object.entries({ stopWithin: 500, ...limits }).flatMap(([name, value]) => [
    "--limit",
    `${name}=${value}`,
  ]);
  const argv = ["--directory", directory, "--public", `127.0.0.1:${port}`, "--internal", "127.0.0.1:0"];
  argv.push(...(tls ? ["--public-tls", "127.0.0.1:0"] : []), ...flags, ...settings);
  const reply = await startReply([...argv, "--log", join(directory, "router.log")], options.program, openFiles);
  if (reply.kind === "failed") throw new Error(reply.message);
  const control = (method: string, path: string, body?: unknown): Promise<ControlReply> =>
    controlRequest(join(directory, "router.sock"), method, path, body);
  const portOf = (address: string): number => Number(address.split(":").at(-1) || Number.NaN);
  return {
    directory,
    port: portOf(reply.public),
    internalPort: portOf(reply.internal),
    tlsPort: portOf(reply.publicTls ?? ""),
    process: reply.process,
    control,
    status: async () => (await control("GET", "/status")).body as TestStatus,
    until: (condition) =>
      vi.waitFor(
        async () => {
          const status = (await control("GET", "/status")).body as TestStatus;
          if (!condition(status)) throw new Error(`not yet: ${JSON.stringify(status)}`);
          return status;
        },
        { interval: 10, timeout: 60_000 },
      ),
    stop: async () => {
      const exited = new Promise((gone) => reply.process.once("exit", gone));
      await control("POST", "/shutdown");
      await exited;
    },
  };
}

function controlRequest(socketPath: string, method: string, path: string, body: unknown): Promise<ControlReply> {
  return new Promise((tell, failed) => {
    const asked = request({ socketPath, method, path, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => (text += part));
      answer.on("end", () => tell({ status: answer.statusCode ?? 0, body: JSON.parse(text) as unknown }));
    });
    asked.on("error", failed);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
