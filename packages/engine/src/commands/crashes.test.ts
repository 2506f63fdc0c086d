import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { processesOfCommand } from "./processes.ts";
import { type CommandSpec, runCommand } from "./run-command.ts";

let root: string;
let daemon: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-crashes-"));
  // A daemon to be killed: one file, so that it starts in the time a command takes and every moment is met.
  await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@fairway/source"] },
    ssr: { noExternal: true, resolve: { conditions: ["@fairway/source"] } },
    build: {
      ssr: join(import.meta.dirname, "run-command.ts"),
      outDir: join(root, "built"),
      rolldownOptions: { output: { entryFileNames: "daemon.mjs" } },
    },
  });
  daemon = join(root, "built/daemon.mjs");
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A daemon that runs this command; resolves with the process once it is about to. */
async function startDaemon(spec: CommandSpec): Promise<ChildProcess> {
  const script = `
    const { runCommand } = await import(${JSON.stringify(daemon)});
    process.stdout.write("ready");
    await runCommand(JSON.parse(process.argv[1]));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, JSON.stringify(spec)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

it("starts a command once and keeps its log whole, however often and whenever the daemon is killed", async () => {
  let kills = 0;
  for (let round = 0; round < 4; round++) {
    const place = join(root, `round-${round}`);
    const script = `
      const fs = require("fs");
      fs.appendFileSync(${JSON.stringify(`${place}.starts`)}, process.pid + "\\n");
      let n = 0;
      const timer = setInterval(() => { console.log("line " + n + " hunter22"); if (++n === 30) clearInterval(timer); }, 5);`;
    const spec: CommandSpec = {
      directory: place,
      argv: [process.execPath, "-e", script],
      cwd: root,
      env: {},
      secrets: ["hunter22"],
      timeout: 20_000,
      grace: 1_000,
    };
    // The first kills come at every stage of the start, the later ones while it runs and after it ended.
    for (const delay of [round * 3, 10 + round * 10, 30 + round * 20]) {
      const child = await startDaemon(spec);
      await new Promise((resolve) => setTimeout(resolve, delay));
      if (child.exitCode === null) {
        child.kill("SIGKILL");
        kills++;
        await once(child, "exit");
      }
    }
    expect(await runCommand(spec)).toMatchObject({ ended: "exited", code: 0 });
    expect(readFileSync(`${place}.starts`, "utf8").trim().split("\n")).toHaveLength(1);
    const lines = Array.from({ length: 30 }, (_, n) => `line ${n} ***\n`).join("");
    expect(readFileSync(join(place, "log"), "utf8")).toBe(lines);
    expect(existsSync(join(place, "state/raw"))).toBe(false);
    expect(await processesOfCommand(place, undefined)).toEqual([]);
  }
  expect(kills).toBeGreaterThan(4);
});
