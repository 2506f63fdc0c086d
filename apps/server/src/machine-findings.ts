import type { Finding } from "@fairway/api";
import type { Project } from "@fairway/core";

/** What is found, without the name of what was looked at. */
export type Found = Omit<Finding, "what">;

/** Ports, both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** What the machine offers to services, as its host sees it. */
export interface Machine {
  readonly enforcement: {
    readonly memory: "kernel" | "watched" | "no";
    readonly cpus: "kernel" | "no";
    readonly files: number | null;
    readonly where: string;
  };
  readonly ports: PortRange;
  strangers(): Promise<readonly PortStranger[]>;
}

/** Somebody else on a port that is kept for services. */
export interface PortStranger {
  readonly port: number;
  readonly who: string | null;
}

/** How the kernel picks the ports of outgoing connections. */
export interface OutgoingPorts {
  readonly range: PortRange;
  readonly reserved: readonly PortRange[];
}

export const fine = (message: string): Found => ({ state: "ok", message, action: null });
const doubtful = (message: string, action: string): Found => ({ state: "warning", message, action });

/** Which limits the configuration asks for anywhere. */
export const limitedIn = ({ services }: Project): ReadonlySet<"memory" | "cpus"> =>
  new Set((["memory", "cpus"] as const).filter((key) => services.some(({ limits }) => limits?.[key] !== undefined)));

/** Whether the limits of services are enforced. What nobody asks for is no trouble. */
export function limitsFinding(
  { memory, cpus, where }: Machine["enforcement"],
  asked: ReadonlySet<"memory" | "cpus">,
): Found {
  if (memory === "kernel" && cpus === "kernel") return fine(`memory and processor by the kernel: ${where}`);
  const byWhom = { kernel: "by the kernel", watched: "by a look each second", no: "not enforced" } as const;
  const message = `memory ${byWhom[memory]}, processor ${byWhom[cpus]}: ${where}`;
  const isLacking = (asked.has("memory") && memory !== "kernel") || (asked.has("cpus") && cpus !== "kernel");
  return isLacking ? doubtful(message, "run Fairway as root or as a systemd service: fairway install") : fine(message);
}

/** One for the client and one for the service, and some that the router needs itself. */
const connectionsOf = (files: number): number => Math.max(0, Math.floor((files - 200) / 2));
const enoughFiles = 4096;

/** How many connections the limit of open files allows. */
export function openFilesFinding(files: number | null): Found {
  if (files === null) return fine("the system does not say how many are allowed");
  const message = `${files} allowed for each process, so some ${connectionsOf(files)} connections through the router`;
  if (files >= enoughFiles) return fine(message);
  return doubtful(message, "allow more: LimitNOFILE= in the unit, or ulimit -n, before the daemon starts");
}

/** Whether replicas find ports, and nobody is given theirs between two starts. */
export function portsFinding(
  own: PortRange,
  strangers: readonly PortStranger[],
  outgoing: OutgoingPorts | null,
): Found {
  const kept = `${own.from} to ${own.to} are kept for services`;
  if (outgoing !== null && mayTake(outgoing, own))
    return doubtful(
      `${kept}, but outgoing connections take ${outgoing.range.from} to ${outgoing.range.to}`,
      `keep them apart: sysctl -w net.ipv4.ip_local_reserved_ports=${own.from}-${own.to}`,
    );
  if (strangers.length === 0) return fine(`${kept}; nobody else listens there`);
  const shown = strangers.slice(0, 5).map(({ port, who }) => `${port} ${who ?? "of somebody who cannot be seen"}`);
  const more = strangers.length > shown.length ? ` and ${strangers.length - shown.length} more` : "";
  const message = `${kept}, which go around ${shown.join(", ")}${more}`;
  return own.to - own.from + 1 - strangers.length >= 100 ? fine(message) : doubtful(message, "end what listens there");
}

const mayTake = ({ range, reserved }: OutgoingPorts, own: PortRange): boolean =>
  range.from <= own.to && range.to >= own.from && !reserved.some(({ from, to }) => from <= own.from && to >= own.to);

/** Reads `20000-29999,8080` as the kernel writes it. */
export const portRanges = (text: string): readonly PortRange[] =>
  [...text.matchAll(/(\d+)(?:-(\d+))?/g)].map(([, from, to]) => ({ from: Number(from), to: Number(to ?? from) }));

/** Whether processes can be looked at closely. */
export const processesFinding = (hasProc: boolean): Found =>
  hasProc
    ? fine("/proc shows them")
    : doubtful("no /proc: lsof says who listens, and memory cannot be watched", "run production on Linux");

const largestDifference = 2000;

/** Whether the clocks of daemon and database agree. Deadlines and pauses count by clocks that nobody can set. */
export function clockFinding(difference: number): Found {
  const seconds = (Math.abs(difference) / 1000).toFixed(1);
  if (Math.abs(difference) <= largestDifference) return fine("agrees with the database's");
  return doubtful(
    `${seconds} s ${difference > 0 ? "behind" : "ahead of"} the database's`,
    "synchronise both: timedatectl set-ntp true",
  );
}
