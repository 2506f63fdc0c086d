import { existsSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import type { Finding } from "@fairway/api";
import { messageOf } from "@fairway/core";
import type { Store } from "@fairway/engine";
import type { EnvironmentParts } from "./environments.ts";
import { environmentsNow } from "./environments.ts";
import type { Machine, OutgoingPorts } from "./machine-findings.ts";
import {
  clockFinding,
  fine,
  limitedIn,
  limitsFinding,
  openFilesFinding,
  portRanges,
  portsFinding,
  processesFinding,
} from "./machine-findings.ts";
import type { OwnParts } from "./own-looks.ts";
import { ownLooks } from "./own-looks.ts";

export interface DoctorParts extends EnvironmentParts, Omit<OwnParts, "people" | "router"> {
  readonly people: OwnParts["people"];
  readonly router: OwnParts["router"];
  readonly machine: Machine;
  readonly store: Store;
  readonly dataRoot: string;
  /** Where the database is, in words. */
  readonly database: string;
  readonly routerStatus: () => Promise<{
    readonly pid: { readonly worker: number };
    readonly public: string;
    readonly connectionLimit: number;
  }>;
}

type Look = () => Promise<Omit<Finding, "what">>;

const little = 1024 ** 3;
/** A release of a web frontend has a few thousand. */
const fewFiles = 10_000;

/** Looks for what is wrong with the machine and the daemon. Finds everything it can; one thing that fails hides no other. */
export async function examine(parts: DoctorParts): Promise<readonly Finding[]> {
  const looks: readonly (readonly [what: string, look: Look])[] = [
    ["database", () => database(parts)],
    ["room", () => room(parts.dataRoot)],
    ["router", () => router(parts)],
    ["services", () => services(parts)],
    ["limits", async () => limitsFinding(parts.machine.enforcement, limitedIn(await parts.project()))],
    ["open files", async () => openFilesFinding(parts.machine.enforcement.files)],
    ["ports", async () => portsFinding(parts.machine.ports, await parts.machine.strangers(), await outgoingPorts())],
    ["processes", async () => processesFinding(existsSync("/proc/self/stat"))],
    ["clock", () => clock(parts)],
    ...ownLooks(parts),
  ];
  return Promise.all(
    looks.map(async ([what, look]) => ({
      what,
      ...(await look().catch((thrown: unknown) => ({
        state: "problem" as const,
        message: messageOf(thrown),
        action: hintIn(thrown) ?? "see daemon.log in the data directory",
      }))),
    })),
  );
}

const hintIn = (thrown: unknown): string | undefined => {
  const { hint } = thrown as { readonly hint?: unknown };
  return typeof hint === "string" ? hint : undefined;
};

async function database({ store, database: where }: DoctorParts): Promise<Omit<Finding, "what">> {
  const begun = performance.now();
  const [row] = await store.rows<{ version: string }>("select current_setting('server_version') as version");
  return fine(`PostgreSQL ${row?.version} answers in ${(performance.now() - begun).toFixed(1)} ms (${where})`);
}

async function room(root: string): Promise<Omit<Finding, "what">> {
  const { bavail, bsize, files, ffree } = await statfs(root);
  const free = bavail * bsize;
  const message = `${(free / 1024 ** 3).toFixed(1)} GiB free in ${root}`;
  if (free < little) return { state: "warning", message, action: "make room: at least 1 GiB" };
  // Some file systems make inodes as they need them and say 0.
  if (files > 0 && ffree < fewFiles)
    return {
      state: "warning",
      message: `${message}, but only for ${ffree} more files`,
      action: "remove small files, or use another file system",
    };
  return fine(message);
}

/** Between this machine and the one of the database, which may be another. */
async function clock({ store }: DoctorParts): Promise<Omit<Finding, "what">> {
  const begun = Date.now();
  const [row] = await store.rows<{ now: number }>("select extract(epoch from clock_timestamp())::float8 * 1000 as now");
  return clockFinding((row?.now ?? begun) - (begun + Date.now()) / 2);
}

/** Null where the system does not say. */
async function outgoingPorts(): Promise<OutgoingPorts | null> {
  const read = (name: string): Promise<string> => readFile(`/proc/sys/net/ipv4/${name}`, "utf8").catch(() => "");
  const [range] = portRanges((await read("ip_local_port_range")).trim().replace(/\s+/, "-"));
  return range ? { range, reserved: portRanges(await read("ip_local_reserved_ports")) } : null;
}

async function router({ routerStatus }: DoctorParts): Promise<Omit<Finding, "what">> {
  const status = await routerStatus();
  return fine(`listens on ${status.public} (pid ${status.pid.worker}), up to ${status.connectionLimit} connections`);
}

async function services(parts: DoctorParts): Promise<Omit<Finding, "what">> {
  const all = (await environmentsNow(parts)).flatMap((environment) =>
    environment.services.map((service) => ({ scope: `${environment.name}/${service.name}`, ...service })),
  );
  const ill = all.filter(({ ready, desired }) => ready < desired);
  if (ill.length === 0) return fine(all.length === 0 ? "none run yet" : `all ${all.length} have their replicas ready`);
  const message = ill.map(({ scope, ready, desired }) => `${scope} ${ready}/${desired}`).join(", ");
  return { state: "problem", message, action: "see why: fairway logs SERVICE" };
}
