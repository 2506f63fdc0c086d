import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const name = "1,000 journeys over HTTP in an hour, of one core (beside: node -e 0)";
export const goal = { atMost: 25 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 10);
const program = fileURLToPath(import.meta.resolve("@fairway/builtin/live-checks"));

/** Processor time that a child takes, by what the kernel counted of it; in seconds. */
function secondsOf(args, env) {
  const before = childSeconds();
  const answer = spawnSync(process.execPath, args, { env: { ...process.env, ...env }, encoding: "utf8" });
  if (answer.status !== 0) throw new Error(`${args.join(" ")}: ${answer.stdout}${answer.stderr}`);
  return childSeconds() - before;
}

/** cutime and cstime: https://www.man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function childSeconds() {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** The whole of a run: the program is started for each, as the daemon does. */
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
    let [ours, anchor] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      ours += secondsOf([program, "journey", file], env);
      anchor += secondsOf(["-e", "0"], {});
    }
    const share = (seconds) => Number((((seconds / rounds) * 1000 * 100) / 3600).toFixed(1));
    return { ours: share(ours), anchor: share(anchor), unit: "%" };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
