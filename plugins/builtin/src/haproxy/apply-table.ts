import { setTimeout as wait } from "node:timers/promises";
import { codeOf, FairwayError, type Millis, type RoutingTable } from "@fairway/core";
import { configText, structureOf, type ConfigPlace } from "./config-text.ts";
import { askMaster, processesOf, tellWorker, type HaproxyProcesses } from "./master-cli.ts";
import { readServers, readTraffic, serverChanges, type OpenRequests } from "./server-changes.ts";
import { wantedServers } from "./servers.ts";
import { writeWhole, type HaproxyFiles, type HaproxyState } from "./state-files.ts";

const reloadWithin: Millis = 20_000;
const lookEvery: Millis = 10;

/**
 * Brings a HAProxy to a table, and notes that it did. Safe to repeat. Reloads only when more than servers changed.
 * Workers of before a reload are left as they are: they give what still comes to them to the current one.
 */
export async function applyTable(files: HaproxyFiles, state: HaproxyState, table: RoutingTable): Promise<void> {
  const place = placeOf(files, state);
  const structure = structureOf(table, place);
  await writeWhole(files.config, configText(table, place));
  const { workers } = structure === state.structure ? await processesOf(files.masterSocket) : await reload(files);
  for (const { pid, age } of workers) if (age === "current") await bringWorkerTo(files, pid, table);
  await writeWhole(files.state, JSON.stringify({ ...state, structure, applied: table.version } satisfies HaproxyState));
}

/** Where the HAProxy of a directory listens and is controlled. */
export const placeOf = (
  { statsSocket, handover }: HaproxyFiles,
  { publicAddress, internalAddress }: Pick<ConfigPlace, "publicAddress" | "internalAddress">,
): ConfigPlace => ({ publicAddress, internalAddress, statsSocket, handover });

async function bringWorkerTo({ masterSocket }: HaproxyFiles, pid: number, table: RoutingTable): Promise<void> {
  const found = await askMaster(masterSocket, `@!${pid} show servers state`, "# be_id");
  const { raise, lower, forget } = serverChanges(readServers(found), wantedServers(table));
  await tellWorker(masterSocket, pid, raise);
  await tellWorker(masterSocket, pid, lower);
  // Refused as long as an idle connection hangs on it; then the next write tries again.
  for (const command of forget) await askMaster(masterSocket, `@!${pid} ${command}`);
}

/** What is open at the servers of a worker. */
export const trafficOf = async (
  masterSocket: string,
  pid: number,
  isThere?: () => boolean,
): Promise<readonly OpenRequests[]> =>
  readTraffic(await askMaster(masterSocket, `@!${pid} show stat -1 4 -1`, "# pxname", isThere));

/** Has a new worker take the listening sockets over with the file now on disk. Returns once it answers. */
export async function reload({ masterSocket }: HaproxyFiles): Promise<HaproxyProcesses> {
  const before = await processesOf(masterSocket);
  const known = new Set(before.workers.map(({ pid }) => pid));
  await askMaster(masterSocket, "reload");
  const deadline = performance.now() + reloadWithin;
  while (performance.now() < deadline) {
    const now = await answering(masterSocket);
    if (now !== null && now.failedReloads > before.failedReloads) {
      throw new FairwayError("internal", "HAProxy could not be reloaded with its new configuration", {
        hint: "see its log",
      });
    }
    if (now?.workers.some(({ pid, age }) => age === "current" && !known.has(pid))) return now;
    await wait(lookEvery);
  }
  throw new FairwayError("deadline_passed", `HAProxy was not reloaded in ${reloadWithin} ms`, { retryable: true });
}

/** The processes, when the master answers and the current worker too; null as long as they do not. */
export async function answering(masterSocket: string): Promise<HaproxyProcesses | null> {
  try {
    const now = await processesOf(masterSocket);
    const current = now.workers.find(({ age }) => age === "current");
    if (current === undefined) return null;
    return (await askMaster(masterSocket, `@!${current.pid} show info`)).includes(`Pid: ${current.pid}`) ? now : null;
  } catch (thrown) {
    // While it starts or reloads itself its socket is away for some milliseconds.
    if (codeOf(thrown) === "router_unavailable") return null;
    throw thrown;
  }
}
