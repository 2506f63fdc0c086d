// What the benches of the whole product have in common: a small project in a git repository of its own, the built daemon
// on a data directory of its own, and a client.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createClient } from "@fairway/api";
import { startDaemon } from "@fairway/server";

/** @typedef {import("@fairway/api").Client} Client */
/** @typedef {import("@fairway/api").Run} Run */
/**
 * @typedef {object} Product
 * @property {string} repository
 * @property {string} data
 * @property {() => Promise<import("@fairway/server").RunningDaemon>} start Starts the daemon, and waits until it answers.
 * @property {() => Promise<void>} leave Ends the daemon and nothing else.
 * @property {() => number} pid
 * @property {() => Client} client
 */

const execute = promisify(execFile);
const author = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid", "-c", "commit.gpgsign=false"];

/** @param {readonly number[]} values */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** @param {readonly number[]} values @param {number} share */
export const quantile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

/** The example with 30 lines of Node: what a deployment takes beyond it is ours. */
export const service = fileURLToPath(new URL("../examples/hello/server.mjs", import.meta.url));

/**
 * A daemon with a repository whose one commit holds `fairway.yaml` and the service; everything is gone afterwards.
 * @template Result
 * @param {string} configuration
 * @param {(product: Product) => Promise<Result>} measure
 * @param {{ readonly files?: Readonly<Record<string, string>>, readonly containerEngine?: string }} [more]
 * @returns {Promise<Result>}
 */
export async function withProduct(configuration, measure, { files = {}, ...over } = {}) {
  const place = await realpath(await mkdtemp(join(tmpdir(), "fairway-bench-")));
  const [repository, data] = [join(place, "repository"), join(place, "data")];
  await mkdir(repository);
  await writeFile(join(repository, "fairway.yaml"), configuration);
  await writeFile(join(repository, "server.mjs"), await readFile(service));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(repository, name)), { recursive: true });
    await writeFile(join(repository, name), text);
  }
  await execute("git", ["init", "--quiet", "--initial-branch", "main"], { cwd: repository });
  await commit(repository, "First");
  const [port, routerPort, internalPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const options = {
    dataDirectory: data,
    repository,
    host: "127.0.0.1",
    port,
    routerHost: "127.0.0.1",
    routerPort,
    internalPort,
    ...over,
  };
  /** @type {import("@fairway/server").RunningDaemon | undefined} */
  let running;
  const product = {
    repository,
    data,
    start: async () => (running = await startDaemon(options)),
    leave: async () => {
      if (running) process.kill(running.pid, "SIGTERM");
      await gone(running?.pid);
    },
    pid: () => running?.pid ?? 0,
    client: () => createClient(running?.url ?? ""),
  };
  try {
    await product.start();
    return await measure(product);
  } finally {
    if (running) {
      await product
        .client()
        .call("shutdown", {})
        .catch(() => product.start().then(() => product.client().call("shutdown", {})));
      await gone(running.pid);
    }
    await rm(place, { recursive: true, force: true });
  }
}

/** Commits whatever is in the repository. @param {string} repository @param {string} message */
export async function commit(repository, message) {
  await execute("git", ["add", "--all"], { cwd: repository });
  await execute("git", [...author, "commit", "--quiet", "--allow-empty", "--message", message], { cwd: repository });
}

/**
 * Waits until a run and those that it starts have ended, told by the daemon's events; throws when one did not succeed.
 * @param {Client} client
 * @param {string} id
 */
export async function succeeded(client, id) {
  const leave = new AbortController();
  const events = client.stream("events", { after: 0, run: id }, leave.signal);
  try {
    for (;;) {
      const run = await client.call("run", { run: id });
      if (run.state === "succeeded") {
        for (const next of run.next) await succeeded(client, next);
        return run;
      }
      if (["failed", "errored", "aborted"].includes(run.state) || run.attention)
        throw new Error(`${run.title} ${run.state}: ${run.jobs.map(({ reason }) => reason ?? "").join(" ")}`);
      for (let next = await events.next(); !next.done && next.value.kind !== "run.changed"; next = await events.next());
    }
  } finally {
    leave.abort();
    await events.return();
  }
}

/** Waits until a process is gone. @param {number | undefined} pid */
export async function gone(pid) {
  for (;;) {
    try {
      process.kill(pid ?? 0, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  return port;
}

/**
 * How long a command takes from its start to its end, in milliseconds. @param {readonly string[]} args @param {string} [cwd]
 */
export async function timeOf(args, cwd) {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  child.stdout.resume();
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  return performance.now() - began;
}

/**
 * So many of the service with nobody between: until each says that it listens, and from being told to end to the end of the
 * last, in milliseconds.
 * @param {number} replicas
 */
export async function bareReplicas(replicas) {
  const ports = await Promise.all(Array.from({ length: replicas }, () => freePort()));
  const began = performance.now();
  const children = ports.map((port) =>
    spawn(process.execPath, [service], {
      env: { ...process.env, PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  await Promise.all(children.map((child) => once(child.stdout, "data")));
  const boot = performance.now() - began;
  const told = performance.now();
  await Promise.all(
    children.map((child) => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      return ended;
    }),
  );
  return boot + (performance.now() - told);
}
