import { serverWords } from "./config-text.ts";
import { isRoute } from "./names.ts";
import type { WantedServer } from "./servers.ts";

/** A server as a worker has it. */
export interface FoundServer {
  readonly backend: string;
  readonly server: string;
  readonly weight: number;
  /** `ready` takes requests when its health allows; `drain` ends what it has; `maint` is out. */
  readonly state: "ready" | "drain" | "maint";
}

/** What a worker must be told. HAProxy changes one server at a time, so those who get more go before those who get less. */
export interface ServerChanges {
  readonly raise: readonly string[];
  readonly lower: readonly string[];
  /** Servers that were out already, to be forgotten; not yet, perhaps, as long as idle connections hang on them. */
  readonly forget: readonly string[];
}

const placeOf = ({ backend, server }: { readonly backend: string; readonly server: string }): string =>
  `${backend}/${server}`;

/** From what a worker has to what a table wants. */
export function serverChanges(found: readonly FoundServer[], wanted: readonly WantedServer[]): ServerChanges {
  const [raise, lower, forget]: [string[], string[], string[]] = [[], [], []];
  const byPlace = new Map(found.map((server) => [placeOf(server), server]));
  const kept = new Set(wanted.map(placeOf));
  for (const server of wanted) {
    const place = placeOf(server);
    const there = byPlace.get(place);
    if (there === undefined) raise.push(...additions(place, server));
    else {
      const weigh = `set server ${place} weight ${server.weight}`;
      if (there.weight !== server.weight) (there.weight < server.weight ? raise : lower).push(weigh);
      if (there.state !== "ready") raise.push(`set server ${place} state ready`);
    }
  }
  for (const server of found) {
    const place = placeOf(server);
    if (kept.has(place) || !isRoute(server.backend)) continue;
    if (server.state === "ready") lower.push(`set server ${place} state drain`);
    if (server.state === "maint") forget.push(`del server ${place}`);
  }
  return { raise, lower, forget };
}

/** Enabled before its health is asked for: it was found well by whoever put it on the table, and is to serve at once. */
const additions = (place: string, server: WantedServer): readonly string[] => [
  `add server ${place} ${serverWords(server)}`,
  `enable server ${place}`,
  `enable health ${place}`,
];

/** Reads the answer to `show servers state`. */
export function readServers(text: string): readonly FoundServer[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const columns = (lines.find((line) => line.startsWith("# be_id")) ?? "").slice(2).split(" ");
  const field = (cells: readonly string[], name: string): string => cells[columns.indexOf(name)] ?? "";
  return lines.slice(2).map((line) => {
    const cells = line.split(" ");
    const admin = Number(field(cells, "srv_admin_state"));
    return {
      backend: field(cells, "be_name"),
      server: field(cells, "srv_name"),
      weight: Number(field(cells, "srv_uweight")),
      // HAProxy's SRV_ADMF_MAINT (0x23, forced, inherited or by name) and SRV_ADMF_DRAIN (0x18).
      state: (admin & 0x23) !== 0 ? "maint" : (admin & 0x18) !== 0 ? "drain" : "ready",
    };
  });
}

/** How many requests are open at one server of a worker. */
export interface OpenRequests {
  readonly backend: string;
  readonly server: string;
  readonly count: number;
}

/** Reads the answer to `show stat -1 4 -1`, which is about servers only. */
export const readTraffic = (text: string): readonly OpenRequests[] =>
  text
    .split("\n")
    .filter((line) => line.includes(",") && !line.startsWith("#"))
    .map((line) => line.split(","))
    .map(([backend = "", server = "", , , count]) => ({ backend, server, count: Number(count) }));
