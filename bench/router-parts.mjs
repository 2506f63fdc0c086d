// What the router's benches share: an origin, the router and HAProxy before it, and a client that asks as fast as it can.
// What is compared is the CPU time that each proxy spends on a request: unlike requests a second, it is the same on a
// busy machine.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const rounds = 4;
const roundLasts = 1500;
const connections = 64;
const program = join(import.meta.dirname, "../apps/router/dist/main.js");

/** Why HAProxy cannot be compared with here; undefined when it can. */
export const cannotCompare = () => {
  if (process.platform !== "linux") return "CPU times are read from /proc";
  return spawnSync("haproxy", ["-v"]).error === undefined ? undefined : "HAProxy is not installed";
};

/** Why Caddy cannot be compared with here; undefined when it can. */
export const cannotCompareCaddy = () =>
  cannotCompare() ??
  (spawnSync("caddy", ["version"]).error === undefined ? undefined : "get Caddy: apt-get install -y caddy");

/**
 * The CPU microseconds a request of `bytes` costs the router and another proxy, HAProxy unless told otherwise, each the
 * median of interleaved rounds.
 */
export async function cpuPerRequest(bytes, startOther = startHaproxy) {
  const directory = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  const started = [];
  try {
    const [origin, proxied] = [await freePort(), await freePort()];
    started.push(await haproxy(directory, "origin", originConfig(origin, bytes), origin));
    const other = await startOther(directory, proxied, origin);
    started.push(other);
    const router = await startRouter(join(directory, "router"), origin);
    started.push(router.process);
    const found = { ours: [], anchor: [] };
    for (let round = 0; round < rounds; round++) {
      found.ours.push(await measure(router.port, router.worker, bytes));
      found.anchor.push(await measure(proxied, other.pid, bytes));
    }
    return { ours: median(found.ours), anchor: median(found.anchor) };
  } finally {
    for (const child of started) {
      if (child.exitCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    }
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(port, pid, bytes) {
  const before = await cpuMicros(pid);
  const answered = await load(port, bytes);
  return ((await cpuMicros(pid)) - before) / answered;
}

async function cpuMicros(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Asks on kept connections until the round is over; returns how many answers came. */
async function load(port, bytes) {
  const question = "GET / HTTP/1.1\r\nHost: bench.test\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n";
  let answered = 0;
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let left = 0;
    socket.on("connect", () => socket.write(question));
    socket.on("data", (part) => {
      left -= part.length;
      if (left < 0 && left + part.length === 0) left = part.indexOf("\r\n\r\n") + 4 + bytes - part.length;
      if (left > 0) return;
      answered++;
      left = 0;
      socket.write(question);
    });
    socket.on("error", () => undefined);
    return socket;
  });
  await new Promise((over) => setTimeout(over, roundLasts));
  for (const socket of sockets) socket.destroy();
  return answered;
}

async function startRouter(directory, origin) {
  const argv = [
    "--directory",
    directory,
    "--public",
    "127.0.0.1:0",
    "--internal",
    "127.0.0.1:0",
    "--log",
    `${directory}.log`,
  ];
  const child = spawn(process.execPath, [program, ...argv], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [said] = await once(child, "message");
  const socketPath = join(directory, "router.sock");
  await ask(socketPath, "PUT", "/table", {
    version: 0,
    routes: {
      bench: {
        rules: [{ host: "*", path: "/" }],
        internalPath: "",
        health: { path: "/", interval: 60_000, timeout: 1000 },
        epoch: 1,
        groups: [{ release: "r1", weight: 1, endpoints: [{ replica: "origin", host: "127.0.0.1", port: origin }] }],
      },
    },
  });
  const { pid } = await ask(socketPath, "GET", "/status");
  return { process: child, worker: pid.worker, port: Number(said.public.split(":").at(-1)) };
}

function ask(socketPath, method, path, body) {
  return new Promise((tell, failed) => {
    const asked = request({ socketPath, method, path, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part)).on("end", () => tell(JSON.parse(text)));
    });
    asked.on("error", failed).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const defaults = "defaults\n  mode http\n  timeout client 30s\n  timeout server 30s\n  timeout connect 2s\n";

const originConfig = (port, bytes) =>
  `${defaults}frontend origin\n  bind 127.0.0.1:${port}\n  http-request return status 200 content-type text/plain file BODY\n`.concat(
    `# ${bytes} bytes\n`,
  );

const proxyConfig = (port, origin) =>
  `${defaults}  option forwardfor\n  http-reuse safe\nfrontend proxy\n  bind 127.0.0.1:${port}\n`
    .concat("  http-request set-header X-Request-Id %[uuid()]\n  default_backend origin\n")
    .concat(`backend origin\n  balance leastconn\n  server origin 127.0.0.1:${origin} check\n`);

async function haproxy(directory, name, config, port) {
  const file = join(directory, `${name}.cfg`);
  const body = join(directory, "body");
  const bytes = Number(/# (\d+) bytes/.exec(config)?.[1] ?? 0);
  if (bytes > 0) await writeFile(body, "x".repeat(bytes));
  await writeFile(file, `global\n  nbthread 1\n  tune.bufsize 131072\n${config.replace("BODY", body)}`);
  const child = spawn("haproxy", ["-q", "-db", "-f", file], { stdio: ["ignore", "ignore", "inherit"] });
  while (!(await listens(port))) await new Promise((soon) => setTimeout(soon, 20));
  return child;
}

const startHaproxy = (directory, port, origin) => haproxy(directory, "proxy", proxyConfig(port, origin), port);

/** Caddy on one core, which is Go's ReverseProxy, as kamal-proxy is. */
export async function startCaddy(directory, port, origin) {
  const child = spawn("caddy", ["reverse-proxy", "--from", `:${port}`, "--to", `127.0.0.1:${origin}`], {
    stdio: "ignore",
    env: { PATH: process.env.PATH, HOME: directory, GOMAXPROCS: "1" },
  });
  while (!(await listens(port))) await new Promise((soon) => setTimeout(soon, 20));
  return child;
}

const listens = (port) =>
  new Promise((tell) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("connect", () => (socket.destroy(), tell(true))).on("error", () => tell(false));
  });

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
