import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { messageOf } from "@fairway/core";
import type { DataDirectory } from "@fairway/engine";
import { markLogTime } from "@fairway/engine";
import type { Composition } from "../compose.ts";
import type { ReplicaLog } from "../log-sources.ts";

/** Services write their logs themselves; so that `--since` works, it is noted now and then how far they are. */
export async function noteLogTimes(host: Composition["host"], tell: (problem: string) => void): Promise<void> {
  try {
    for (const { name, alive } of await host.all()) if (alive) await markLogTime(host.logPath(name));
  } catch (thrown) {
    tell(`could not note the times of logs: ${messageOf(thrown)}`);
  }
}

/** Of the replicas on record, and of those that are forgotten but whose logs are still kept: why one failed is asked later. */
export async function replicaLogs(
  host: Composition["host"],
  { replicas, containers }: DataDirectory,
): Promise<readonly ReplicaLog[]> {
  const alive = new Set((await host.all()).filter((replica) => replica.alive).map(({ name }) => name));
  const folders = [replicas, containers].filter((folder) => existsSync(folder));
  const names = (await Promise.all(folders.map(async (folder) => readdir(folder)))).flat();
  const found = names.map((name) => ({
    replica: name,
    path: host.logPath(name),
    alive: alive.has(name),
  }));
  return found.filter(({ path }) => existsSync(path));
}
