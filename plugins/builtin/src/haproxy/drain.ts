import { setTimeout as wait } from "node:timers/promises";
import { codeOf, type Drained, type Endpoint, type Millis } from "@fairway/core";
import { trafficOf } from "./apply-table.ts";
import { askMaster, processesOf } from "./master-cli.ts";
import { serverOf } from "./names.ts";
import type { OpenRequests } from "./server-changes.ts";
import type { HaproxyFiles } from "./state-files.ts";
import { readTable } from "./state-files.ts";

const lookEvery: Millis = 10;
const cutWithin: Millis = 2000;

/** A server of one of the workers, with what is open at it. */
interface OpenServer {
  readonly pid: number;
  readonly place: string;
  readonly count: number;
}

/** Waits for what is open at endpoints that get nothing new, cuts the rest, and takes them out. */
export async function drainEndpoints(
  files: HaproxyFiles,
  endpoints: readonly Endpoint[],
  within: Millis,
): Promise<Drained> {
  const { masterSocket } = files;
  const look = async (): Promise<readonly OpenServer[]> =>
    openServers(masterSocket, await offTheTable(files, endpoints));
  const left = await untilIdle(look, within);
  for (const { pid, place } of left) {
    await askMaster(masterSocket, `@!${pid} shutdown sessions server ${place}`).catch(ifGone);
  }
  if (left.length > 0) await untilIdle(look, cutWithin);
  // Refused by a worker that leaves, and as long as an idle connection hangs on it. It gets nothing in either case.
  for (const { pid, place } of await look()) {
    for (const command of [`set server ${place} state maint`, `del server ${place}`]) {
      await askMaster(masterSocket, `@!${pid} ${command}`).catch(ifGone);
    }
  }
  return { cut: left.reduce((sum, { count }) => sum + count, 0) };
}

/** Without those that are back meanwhile, because a rollout was stopped: they serve again, and must not be cut. */
async function offTheTable(files: HaproxyFiles, endpoints: readonly Endpoint[]): Promise<ReadonlySet<string>> {
  const { routes } = await readTable(files);
  const groups = Object.values(routes).flatMap((route) => route.groups);
  const back = new Set(groups.flatMap((group) => group.endpoints.map(serverOf)));
  return new Set(endpoints.map(serverOf).filter((server) => !back.has(server)));
}

/**
 * What is still open at the deadline; empty as soon as nothing is. Asked for twice: a thread of HAProxy may have chosen
 * a server just before it was told to drain it, and counts the request a moment later.
 */
async function untilIdle(look: () => Promise<readonly OpenServer[]>, within: Millis): Promise<readonly OpenServer[]> {
  const deadline = performance.now() + within;
  let idleLooks = 0;
  for (;;) {
    const open = (await look()).filter(({ count }) => count > 0);
    idleLooks = open.length === 0 ? idleLooks + 1 : 0;
    if (idleLooks === 2) return [];
    if (idleLooks === 0 && performance.now() >= deadline) return open;
    await wait(lookEvery);
  }
}

async function openServers(masterSocket: string, names: ReadonlySet<string>): Promise<readonly OpenServer[]> {
  const { workers } = await processesOf(masterSocket);
  const found = await Promise.all(
    workers.map(async ({ pid }) => {
      const open = await openAt(masterSocket, pid);
      return open
        .filter(({ server }) => names.has(server))
        .map(({ backend, server, count }) => ({ pid, place: `${backend}/${server}`, count }));
    }),
  );
  return found.flat();
}

/** Nothing at a worker that is gone: one that leaves may end at any moment. */
async function openAt(masterSocket: string, pid: number): Promise<readonly OpenRequests[]> {
  try {
    return await trafficOf(masterSocket, pid);
  } catch (thrown) {
    const { workers } = await processesOf(masterSocket);
    if (workers.some((worker) => worker.pid === pid)) throw thrown;
    return [];
  }
}

/** A worker that is gone has nothing left to be told; whether it is gone shows at the next look. */
function ifGone(thrown: unknown): void {
  if (codeOf(thrown) !== "router_unavailable") throw thrown;
}
