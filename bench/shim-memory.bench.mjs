import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { processHost } from "../plugins/builtin/dist/index.js";
import { residentKib } from "./router-life-parts.mjs";

export const name = "process host: memory of the shim beside each replica";
export const goal = { atMost: 2 };

export async function run() {
  if (process.platform !== "linux") return { skipped: "memory is read from /proc" };
  const directory = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  const host = processHost({ directory });
  try {
    const health = { path: "/", interval: 1000, timeout: 1000, startWithin: 30_000 };
    const spec = { name: "api.r1.0", release: "r1", command: ["sleep", "1000"], directory, env: {}, health };
    await host.forService("bench", "api").start(spec, { scope: "bench/api", epoch: 1, holder: "bench" });
    const pid = await untilItRuns(host);
    const parent = Number(/PPid:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
    return { ours: (await residentKib(parent)) / 1024, unit: "MB" };
  } finally {
    await host.stopAll(0);
    host.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A replica is on record before its process is there. */
async function untilItRuns(host) {
  for (const until = performance.now() + 30_000; performance.now() < until; await wait(20)) {
    const [{ pid }] = await host.all();
    if (pid !== null) return pid;
  }
  throw new Error("the replica never had a process");
}
