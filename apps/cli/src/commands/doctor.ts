import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Finding } from "@fairway/api";
import { codeOf, messageOf } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, dataDirectoryOf } from "../context.ts";
import { markOf, print, printJson } from "../output/terminal.ts";
import { version } from "../version.ts";

const run = promisify(execFile);
const marks = { ok: "succeeded", warning: "waiting", problem: "failed" } as const;
const enoughRoom = 1024 ** 3;

/** `fairway doctor`: what this program finds, and what the daemon finds; exit code 1 when something is wrong. */
export async function doctor(_args: readonly string[], options: GlobalOptions): Promise<number> {
  const findings = [node(), await git(), ...(await fromDaemon(options))];
  if (options.json) printJson(findings);
  else
    for (const { what, state, message, action } of findings) {
      print(`${markOf(marks[state])} ${what}: ${message}`);
      if (action) print(`    → ${action}`);
    }
  return findings.some(({ state }) => state === "problem") ? 1 : 0;
}

function node(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  const old = major < 22;
  return {
    what: "Node.js",
    state: old ? "warning" : "ok",
    message: process.version,
    action: old ? "works, but Node 20 gets no more security fixes; install 22 or 24" : null,
  };
}

async function git(): Promise<Finding> {
  try {
    const { stdout } = await run("git", ["--version"], { timeout: 5000 });
    return { what: "git", state: "ok", message: stdout.trim(), action: null };
  } catch (thrown) {
    return { what: "git", state: "problem", message: messageOf(thrown), action: "install git" };
  }
}

async function room(options: GlobalOptions): Promise<Finding> {
  const directory = await dataDirectoryOf(options);
  for (let place = directory; ; place = dirname(place)) {
    const found = await statfs(place).catch(() => null);
    if (!found && place !== dirname(place)) continue;
    const free = found ? found.bavail * found.bsize : 0;
    const enough = free >= enoughRoom;
    return {
      what: "room",
      state: enough ? "ok" : "warning",
      message: `${(free / 1024 ** 3).toFixed(1)} GiB free for ${directory}`,
      action: enough ? null : "make room: at least 1 GiB",
    };
  }
}

function versionFinding(daemon: string): Finding {
  const isSame = daemon === version;
  return {
    what: "version",
    state: isSame ? "ok" : "warning",
    message: isSame ? `Fairway ${version}` : `this command is ${version}, the daemon ${daemon}`,
    action: isSame ? null : "take the daemon along: fairway down --keep-services, then fairway up",
  };
}

async function fromDaemon(options: GlobalOptions): Promise<readonly Finding[]> {
  try {
    const client = await daemonClient(options);
    const [found, { version: its }] = await Promise.all([client.call("doctor", {}), client.call("status", {})]);
    return [versionFinding(its), ...found];
  } catch (thrown) {
    if (codeOf(thrown) !== "daemon_not_running") throw thrown;
    return [
      { what: "daemon", state: "warning", message: messageOf(thrown), action: "start it with: fairway up" },
      await room(options),
    ];
  }
}
