import { existsSync, readFileSync, readdirSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { succeeded, withProduct } from "./product-parts.mjs";

export const name = "memory of daemon and router (RSS of every process; beside: one idle node)";
export const goal = { atMost: 200 };
export const explanation =
  "Three processes of node have 45 MB of its own program each, which the machine holds once: counted so, the three take 117 MB. " +
  "Of the daemon's 135 MB 48 are files, 43 are objects and code in use, and the rest is what V8 and node keep for themselves.";

const configuration = `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz, replicas: 3 }
environments:
  place: { deploys: automatically, services: { hello: { routes: [{ host: hello.localhost }] } } }
`;

/** @param {number | string} pid */
const residentMegabytes = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

/** As the machine has it: what several processes share is divided among them. @param {number | string} pid */
const proportionalMegabytes = (pid) =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1024;

/** The router's holder and its workers: node with the router's program and this data directory. @param {string} data */
const routersOf = (data) =>
  readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return words.some((word) => /router\/dist\/\w+\.js$/.test(word)) && words.some((word) => word.startsWith(data));
      } catch {
        return false; // It has ended.
      }
    });

async function idleNode() {
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const found = residentMegabytes(child.pid ?? 0);
  child.kill("SIGKILL");
  await once(child, "exit");
  return found;
}

export async function run() {
  if (!existsSync("/proc/self/status")) return { skipped: "no /proc to read memory from" };
  return withProduct(configuration, async ({ client, data, pid }) => {
    await succeeded(client(), (await client().call("makeRelease", { by: "bench" })).id);
    const routers = routersOf(data);
    if (routers.length < 2) throw new Error(`${routers.length} router processes were found`);
    const processes = [pid(), ...routers];
    const all = processes.map((one) => residentMegabytes(one));
    const shared = processes.reduce((sum, one) => sum + proportionalMegabytes(one), 0);
    process.stderr.write(
      `  daemon ${all[0]?.toFixed(0)} MB, router ${all
        .slice(1)
        .map((one) => one.toFixed(0))
        .join(" + ")} MB; what they share counted once, ${shared.toFixed(0)} MB\n`,
    );
    return { ours: all.reduce((sum, one) => sum + one, 0), anchor: await idleNode(), unit: "MB" };
  });
}
