// What the benches of a router's life share: the router and HAProxy as Fairway starts them, two replicas in this process to
// switch between, and clients that ask meanwhile.

import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, createServer, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ensureHaproxy, ensureRouter, haproxyRouter, localRouter } from "../plugins/builtin/dist/index.js";

const program = join(import.meta.dirname, "../apps/router/dist/main.js");
/** About 1000 requests a second: a client that asks without a pause would measure how busy it is itself. */
const clients = 8;
const pause = 7;

/** Does something with a router that is gone afterwards. */
export async function withRouter(kind, act) {
  const directory = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  const addresses = { publicAddress: "127.0.0.1:0", internalAddress: "127.0.0.1:0" };
  const own = kind === "local";
  const router = own
    ? await ensureRouter({ directory, ...addresses, program })
    : await ensureHaproxy({ directory, ...addresses });
  const replicas = [await replica("blue"), await replica("green")];
  try {
    const traffic = own ? localRouter({ directory }) : haproxyRouter({ directory });
    return await act({ router, traffic, replicas, port: Number(router.publicAddress.split(":").at(-1)) });
  } finally {
    await router.stop();
    for (const { server } of replicas) {
      server.closeAllConnections();
      server.close();
    }
    await rm(directory, { recursive: true, force: true });
  }
}

/** Gives all traffic to a replica. Returns how many milliseconds passed until that was acknowledged. */
async function give(traffic, { endpoint }) {
  const { version } = await traffic.read();
  const route = {
    rules: [{ host: "*", path: "/" }],
    internalPath: "/bench",
    health: { path: "/", interval: 1000, timeout: 1000 },
    groups: [{ release: "r1", weight: 1, endpoints: [endpoint] }],
    epoch: 1,
  };
  const began = performance.now();
  const { outcome } = await traffic.write({ version, routes: { bench: route } });
  if (outcome !== "written") throw new Error(`the switch was ${outcome}`);
  return performance.now() - began;
}

const measured = new Map();

/**
 * Switches there and back under load: how long each took to be acknowledged, and how long until the first answer of
 * the new replica. Throws when a request that began after that reached the one of before, or failed.
 */
export function switches(kind, count = 100) {
  const known = measured.get(kind) ?? withRouter(kind, (world) => switchUnderLoad(world, count));
  measured.set(kind, known);
  return known;
}

async function switchUnderLoad({ traffic, replicas, port }, count) {
  await give(traffic, replicas[0]);
  const agent = new Agent({ keepAlive: true });
  const state = { going: true };
  const asking = Array.from({ length: clients }, async () => {
    while (state.going) {
      await ask(port, agent);
      await wait(Math.random() * 2 * pause);
    }
  });
  const [acknowledged, answered] = [[], []];
  for (let turn = 1; turn <= count; turn++) {
    const to = replicas[turn % 2];
    const began = performance.now();
    acknowledged.push(await give(traffic, to));
    const name = await ask(port, agent);
    answered.push(performance.now() - began);
    if (name !== to.endpoint.replica) throw new Error(`${name} answered after the switch to ${to.endpoint.replica}`);
  }
  state.going = false;
  await Promise.all(asking);
  agent.destroy();
  return { acknowledged, answered };
}

export const share = (values, part) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

/** How many KiB a connection costs that has asked once and is kept. */
export const idleConnection = (kind, count = 2000) =>
  withRouter(kind, async ({ router, traffic, replicas, port }) => {
    await give(traffic, replicas[0]);
    const { worker } = (await router.status()).pid;
    await openKept(port, 200);
    const before = await residentKib(worker);
    const sockets = await openKept(port, count);
    const after = await residentKib(worker);
    for (const socket of sockets) socket.destroy();
    return (after - before) / count;
  });

/** The resident KiB of a process. */
export async function residentKib(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
}

async function openKept(port, count) {
  const sockets = [];
  for (let opened = 0; opened < count; opened++) {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => undefined).write("GET / HTTP/1.1\r\nHost: bench.test\r\n\r\n");
    await once(socket, "data");
    sockets.push(socket);
  }
  return sockets;
}

function ask(port, agent) {
  return new Promise((tell, failed) => {
    const asked = request({ host: "127.0.0.1", port, agent }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part));
      answer.on("end", () =>
        answer.statusCode === 200 ? tell(text) : failed(new Error(`status ${answer.statusCode}`)),
      );
    });
    asked.on("error", failed).end();
  });
}

async function replica(name) {
  const server = createServer((_, response) => response.end(name)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, endpoint: { replica: name, host: "127.0.0.1", port: server.address().port } };
}
