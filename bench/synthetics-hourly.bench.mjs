import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeJourney } from "@fairway/engine";

export const name = "1,000 journeys over HTTP in an hour, of one core (beside: node -e 0)";
export const goal = { atMost: 25 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 10);
const program = fileURLToPath(import.meta.resolve("@fairway/builtin/live-checks"));

/** Processor time of this process and its children while something is done; in seconds. */
async function secondsOf(work) {
  const [own, before] = [process.cpuUsage(), childSeconds()];
  await work();
  const { user, system } = process.cpuUsage(own);
  return (user + system) / 1e6 + childSeconds() - before;
}

/** cutime and cstime: https://www.man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function childSeconds() {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/**
 * The whole of a run, as the daemon and a worker make it: its command, with whoever watches that, and its report read and
 * masked.
 */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), "fairway-bench-"));
  const file = join(folder, "journey.yaml");
  writeFileSync(
    file,
    "steps:\n  - { get: /, expect: { contains: well } }\n  - { get: /again, expect: { status: 200 } }\n",
  );
  // In a process of its own: what is asked counts for nobody.
  const server = spawn(process.execPath, [
    "-e",
    "require('http').createServer((q, s) => s.end('well')).listen(0, '127.0.0.1', function () { console.log(this.address().port) })",
  ]);
  try {
    const port = await new Promise((resolve) => server.stdout.once("data", (text) => resolve(String(text).trim())));
    const env = { FAIRWAY_URL: `http://127.0.0.1:${port}`, FAIRWAY_RELEASE: "r1" };
    const work = {
      name: "shop",
      argv: ["fairway-check", "journey", file],
      timeout: 60_000,
      env,
      secrets: { KEY: "k3y" },
    };
    let [ours, anchor] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      ours += await secondsOf(async () => {
        const made = await makeJourney(work, {
          own: join(folder, String(round)),
          workspace: folder,
          commandOf: ([, ...words]) => [process.execPath, program, ...words],
          signal: new AbortController().signal,
        });
        if (made?.report.status !== "passed") throw new Error(JSON.stringify(made?.report));
      });
      anchor += await secondsOf(async () => void spawnSync(process.execPath, ["-e", "0"]));
    }
    const share = (seconds) => Number((((seconds / rounds) * 1000 * 100) / 3600).toFixed(1));
    return { ours: share(ours), anchor: share(anchor), unit: "%" };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
