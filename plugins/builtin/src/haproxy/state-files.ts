import { open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FairwayError, messageOf, type RoutingTable } from "@fairway/core";
import type { ProcessIdentity } from "../process-host/process-identity.ts";
import { hasCode } from "../process-host/system-error.ts";

/** Everything a HAProxy's directory holds. */
export interface HaproxyFiles {
  readonly table: string;
  readonly state: string;
  readonly config: string;
  readonly statsSocket: string;
  readonly masterSocket: string;
  readonly handover: { readonly public: string; readonly internal: string };
}

export const filesIn = (directory: string): HaproxyFiles => ({
  table: join(directory, "table.json"),
  state: join(directory, "haproxy.json"),
  config: join(directory, "haproxy.cfg"),
  statsSocket: join(directory, "stats.sock"),
  masterSocket: join(directory, "master.sock"),
  handover: { public: join(directory, "public.sock"), internal: join(directory, "internal.sock") },
});

/** The HAProxy of a directory and how far it follows the table beside it. */
export interface HaproxyState {
  readonly master: ProcessIdentity;
  readonly since: string;
  readonly publicAddress: string;
  readonly internalAddress: string;
  /** The version of the table that it was last brought to. */
  readonly applied: number;
  /** Of the file it was last given. */
  readonly structure: string;
}

const noRoutes: RoutingTable = { version: 0, routes: {} };

/** The table that was last written; an empty one when none was. */
export const readTable = async (files: HaproxyFiles): Promise<RoutingTable> =>
  (await readJson(files.table)) ?? noRoutes;

/** Null when none was ever started here. */
export const readState = async (files: HaproxyFiles): Promise<HaproxyState | null> => readJson(files.state);

async function readJson<Value>(path: string): Promise<Value | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Value;
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) return null;
    throw new FairwayError("data_directory_unusable", `cannot read ${path}: ${messageOf(cause)}`, {
      hint: "if it is damaged, remove it: the next deployment or keeper writes the routes anew",
      cause,
    });
  }
}

/** Writes a file so that a crash or power cut at any instant leaves either the old one or this one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
